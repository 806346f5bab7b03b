//! Chromium without a window, if there is one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Where a browser is; none is told.
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
pub(crate) fn found() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut candidates = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = candidates.find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: there is no Chromium (Debian: apt-get install chromium)");
    }
    found
}

/// A page as a browser has understood it, and what the browser complained of.
pub(crate) struct Opened {
    pub(crate) dom: String,
    pub(crate) complaints: Vec<String>,
}

/// Opens a page, and keeps it to be looked at. The page has no script of its own: one is added that counts what is
/// drawn and what has no size, and writes it into the page.
pub(crate) fn open(browser: &Path, name: &str, page: &str) -> Opened {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    fs::create_dir_all(&folder).expect("a folder");
    let kept = folder.join(format!("{name}.html"));
    fs::write(&kept, page).expect("a page");
    let asked = folder.join(format!("{name}.asked.html"));
    fs::write(
        &asked,
        page.replace("</body>", &format!("<script>{ASK}</script></body>")),
    )
    .expect("a page");
    let profile = tempfile::tempdir().expect("a folder");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--window-size=1500,1400",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("--dump-dom")
        .arg(format!("file://{}", asked.display()))
        .output()
        .expect("the browser starts");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    let complaints = log.lines().filter(|line| line.contains("CONSOLE"));
    Opened {
        dom: String::from_utf8_lossy(&output.stdout).into_owned(),
        complaints: complaints.map(str::to_owned).collect(),
    }
}

/// Asks the layout: how much there is of each, and whether a text lies outside of its image.
const ASK: &str = r#"
const count = (of) => document.querySelectorAll(of).length;
const report = {};
for (const of of ['svg.chart', 'svg.lens', 'svg.chart .name', '.flag', '.whisker', '.wakes', '.cancels', '.departure', '.violation', '.mark', '.event', '.apart', '.wait', '.folded', 'script[src], link, img, iframe'])
  report[of] = count(of);
let outside = 0;
for (const image of document.querySelectorAll('svg.chart, svg.lens')) {
  const box = image.getBoundingClientRect();
  if (box.width === 0) continue;
  for (const text of image.querySelectorAll('text')) {
    const own = text.getBoundingClientRect();
    if (own.right > box.right + 2 || own.left < box.left - 2 || own.bottom > box.bottom + 2) outside += 1;
  }
}
report.outside = outside;
report.wide = document.documentElement.scrollWidth > innerWidth ? 1 : 0;
document.body.dataset.report = Object.entries(report).map(([of, n]) => of + '=' + n).join(';');
"#;

impl Opened {
    /// How much there is of what a selector finds.
    pub(crate) fn count(&self, of: &str) -> usize {
        let report = self
            .dom
            .split("data-report=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let report = report.unwrap_or_else(|| panic!("the page does not answer: {}", self.dom));
        let found = report
            .split(';')
            .find_map(|pair| pair.strip_prefix(of)?.strip_prefix('='));
        let found = found.and_then(|number| number.parse().ok());
        found.unwrap_or_else(|| panic!("{of} was not asked for: {report}"))
    }
}
