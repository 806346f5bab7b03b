//! Shapes and texts of an SVG image, each escaped once.

use std::fmt::Write;

use crate::base::printable;

/// What is drawn so far.
#[derive(Debug, Default)]
pub(super) struct Svg {
    pub(super) body: String,
}

/// Text for HTML and SVG. What hides or turns a line stands as an escape, as in reports.
pub(super) fn escape(text: &str) -> String {
    let text = printable::line(text);
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A coordinate with one decimal, as short as it can be.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0")
        .map_or_else(|| text.clone(), str::to_owned)
}

/// About how wide a text is, in pixels.
pub(super) fn width(text: &str) -> f64 {
    let of = |c: char| match c {
        'i' | 'l' | 'j' | '.' | ',' | ':' | '\'' | '|' | ' ' | 'f' | 't' | 'r' => 4.2,
        'm' | 'w' | 'M' | 'W' | '…' => 10.0,
        c if c.is_ascii() => 7.1,
        _ => 11.0,
    };
    text.chars().map(of).sum()
}

impl Svg {
    pub(super) fn rect(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        (w, h): (f64, f64),
        title: &str,
    ) {
        let (x, y, w, h) = (number(x), number(y), number(w.max(1.0)), number(h));
        let _ = write!(
            self.body,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{w}" height="{h}""#
        );
        self.close("rect", title);
    }

    pub(super) fn path(&mut self, class: &str, d: &str, title: &str) {
        let _ = write!(self.body, r#"<path class="{class}" d="{d}""#);
        self.close("path", title);
    }

    pub(super) fn line(&mut self, class: &str, (x0, y0): (f64, f64), (x1, y1): (f64, f64)) {
        let d = format!(
            "M{},{} L{},{}",
            number(x0),
            number(y0),
            number(x1),
            number(y1)
        );
        self.path(class, &d, "");
    }

    pub(super) fn circle(&mut self, class: &str, (x, y): (f64, f64), r: f64, title: &str) {
        let (x, y) = (number(x), number(y));
        let _ = write!(
            self.body,
            r#"<circle class="{class}" cx="{x}" cy="{y}" r="{r}""#
        );
        self.close("circle", title);
    }

    /// A diamond: of a departure, and of nothing else.
    pub(super) fn diamond(&mut self, (x, y): (f64, f64), title: &str) {
        let d = format!("M{},{} l7,7 -7,7 -7,-7 z", number(x), number(y - 7.0));
        self.path("departure", &d, title);
    }

    pub(super) fn cross(&mut self, class: &str, (x, y): (f64, f64), title: &str) {
        let d = format!(
            "M{},{} l10,10 m0,-10 l-10,10",
            number(x - 5.0),
            number(y - 5.0)
        );
        self.path(class, &d, title);
    }

    /// An arrow downwards or upwards that bends, with its head.
    pub(super) fn arrow(
        &mut self,
        class: &str,
        (x0, y0): (f64, f64),
        (x1, y1): (f64, f64),
        title: &str,
    ) {
        let middle = f64::midpoint(y0, y1);
        let head = if class.contains("cancel") { "mc" } else { "mw" };
        let [x0, y0, x1, y1, middle] = [x0, y0, x1, y1, middle].map(number);
        let d = format!("M{x0},{y0} C{x0},{middle} {x1},{middle} {x1},{y1}");
        let _ = write!(
            self.body,
            r#"<path class="{class}" d="{d}" marker-end="url(#{head})""#
        );
        self.close("path", title);
    }

    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), text: &str, title: &str) {
        let (x, y, text) = (number(x), number(y), escape(text));
        let title = escape(title);
        let title = match &*title {
            "" => String::new(),
            title => format!("<title>{title}</title>"),
        };
        let _ = write!(
            self.body,
            r#"<text class="{class}" x="{x}" y="{y}">{text}{title}</text>"#
        );
    }

    fn close(&mut self, name: &str, title: &str) {
        let _ = match title {
            "" => self.body.write_str("/>"),
            title => write!(self.body, "><title>{}</title></{name}>", escape(title)),
        };
        self.body.push('\n');
    }

    /// The whole image.
    pub(super) fn finish(self, class: &str, (w, h): (f64, f64), label: &str) -> String {
        let (w, h) = (number(w), number(h));
        format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" role=\"img\" aria-label=\"{}\">\n{}</svg>\n",
            escape(label),
            self.body
        )
    }
}
