//! The `tracing` crate's spans and events in the trace of the run, at their virtual time.
//!
//! 1. A line says level, spans from the outermost, target, message and fields. It says no ids, threads,
//!    places in files or measured times: those differ between runs that are the same.
//! 2. Outside of a run a layer does nothing, so that one subscriber can serve a whole process.
//!
//! Values are written as the program writes them: one whose `Debug` shows an address makes runs differ.

use std::fmt::{self, Write as _};

use ::tracing::field::{Field, Visit};
use ::tracing::span::{Attributes, Id, Record};
use ::tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// A layer that writes spans and events into the trace of the run, as [`deadheat::log`] does.
///
/// It goes on any registry, for one run (`with_default`, `WithSubscriber`) or for the process
/// (`set_global_default`), beside other layers, which get everything as well, and under any filter.
///
/// # Determinism
///
/// What it writes is part of the run's fingerprint. It takes no decisions.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run, sleep};
/// use deadheat_ties::tracing::TraceLayer;
/// use std::time::Duration;
/// use tracing::instrument::WithSubscriber;
/// use tracing_subscriber::{Registry, layer::SubscriberExt};
///
/// let run = run(&Config::new().trace(true), || {
///     async {
///         let request = tracing::info_span!("request", id = 3).entered();
///         tracing::info!(bytes = 12, "sent");
///         drop(request.exit());
///         sleep(Duration::from_secs(1)).await;
///         tracing::warn!("no answer");
///     }
///     .with_subscriber(Registry::default().with(TraceLayer::new()))
/// })
/// .unwrap();
/// let trace = run.trace.unwrap().to_string();
/// assert!(trace.contains("INFO request{id=3}: "));
/// assert!(trace.contains("sent bytes=12"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TraceLayer {
    spans: bool,
}

impl TraceLayer {
    /// A layer that writes events, and the beginning and the end of each span.
    pub fn new() -> Self {
        TraceLayer { spans: true }
    }

    /// It writes events only; each still says in which spans it happened.
    pub fn events_only(self) -> Self {
        TraceLayer { spans: false }
    }
}

impl Default for TraceLayer {
    fn default() -> Self {
        TraceLayer::new()
    }
}

impl<S> Layer<S> for TraceLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
        self.span("begins", id, &context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if !deadheat::program::in_run() {
            return;
        }
        let meta = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let spans = context.event_scope(event).map(|scope| {
            scope.from_root().fold(String::new(), |mut path, span| {
                span_into(&mut path, &span);
                path
            })
        });
        let spans = spans.filter(|path| !path.is_empty());
        let spans = spans.map_or(String::new(), |path| format!("{path}: "));
        let (level, target) = (meta.level(), meta.target());
        deadheat::log(&format!("{level} {spans}{target}: {fields}"));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.span("ends", &id, &context);
    }
}

impl TraceLayer {
    fn span<S>(&self, what: &str, id: &Id, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        if !self.spans || !deadheat::program::in_run() {
            return;
        }
        let Some(scope) = context.span_scope(id) else {
            return;
        };
        let mut line = String::new();
        for span in scope.from_root() {
            span_into(&mut line, &span);
        }
        deadheat::log(&format!("{line} {what}"));
    }
}

/// Appends a span to those that it lies in.
fn span_into<'a, S: LookupSpan<'a>>(
    line: &mut String,
    span: &tracing_subscriber::registry::SpanRef<'a, S>,
) {
    if !line.is_empty() {
        line.push(':');
    }
    line.push_str(span.name());
    if let Some(fields) = span.extensions().get::<Fields>()
        && !fields.is_empty()
    {
        line.push('{');
        line.push_str(&fields.to_string());
        line.push('}');
    }
}

/// The message and the fields of a span or an event, as text, in their order.
#[derive(Debug, Default)]
struct Fields {
    message: String,
    named: Vec<(&'static str, String)>,
}

impl Fields {
    fn is_empty(&self) -> bool {
        self.message.is_empty() && self.named.is_empty()
    }

    /// A field that is recorded again keeps its place.
    fn set(&mut self, field: &Field, text: String) {
        if field.name() == "message" {
            self.message = text;
            return;
        }
        let known = self
            .named
            .iter_mut()
            .find(|(name, _)| *name == field.name());
        match known {
            Some((_, value)) => *value = text,
            None => self.named.push((field.name(), text)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Only a `Debug` that fails by itself can fail here; what it wrote until then stands.
        let _ = write!(text, "{value:?}");
        self.set(field, text);
    }
}

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut first = self.message.is_empty();
        for (name, value) in &self.named {
            let gap = if std::mem::take(&mut first) { "" } else { " " };
            write!(f, "{gap}{name}={value}")?;
        }
        Ok(())
    }
}
