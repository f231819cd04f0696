//! Helm charts: directories with a `Chart.yaml`. Their templates are no manifests, and their values are no objects.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::input::Role;
use super::walk::FoundFile;

/// Why a template was not read.
pub const NOT_RENDERED: &str = "a Helm template, not rendered: use --render, or exclude it";

/// The directories of charts, as shown; a chart in the working directory is `""`.
#[derive(Clone, Debug, Default)]
pub struct Charts {
    dirs: BTreeSet<Arc<str>>,
}

impl Charts {
    /// The charts among the files.
    pub fn find<'f>(files: impl Iterator<Item = &'f FoundFile>) -> Charts {
        let dirs = files.filter(|file| file.name() == "Chart.yaml").map(|file| directory(&file.shown).into()).collect();
        Charts { dirs }
    }

    /// The innermost chart that holds a file.
    pub fn of(&self, shown: &str) -> Option<Arc<str>> {
        if self.dirs.is_empty() {
            return None;
        }
        let mut dir = directory(shown);
        loop {
            if let Some(chart) = self.dirs.get(dir) {
                return Some(chart.clone());
            }
            if dir.is_empty() {
                return None;
            }
            dir = directory(dir);
        }
    }

    /// The charts that are no part of another one.
    pub fn outermost(&self) -> impl Iterator<Item = &Arc<str>> {
        self.dirs.iter().filter(|dir| {
            let parent = directory(dir);
            dir.is_empty() || self.of(&format!("{parent}/x")).is_none()
        })
    }

    /// What a file of a chart is; `None` for one of no chart, and for one that holds plain objects.
    pub fn role(&self, shown: &str) -> Option<Role> {
        let chart = self.of(shown)?;
        let inside = if chart.is_empty() { shown } else { shown.strip_prefix(&*chart)?.trim_start_matches('/') };
        if inside.starts_with("templates/") {
            return Some(Role::Template);
        }
        let values =
            inside.starts_with("values") || inside.ends_with("-values.yaml") || inside.ends_with(".schema.json");
        (values || matches!(inside, "Chart.yaml" | "Chart.lock" | "requirements.yaml")).then_some(Role::Chart)
    }
}

fn directory(shown: &str) -> &str {
    shown.rsplit_once('/').map_or("", |(dir, _)| dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charts(names: &[&str]) -> Charts {
        let files: Vec<FoundFile> = names
            .iter()
            .map(|name| FoundFile { path: name.into(), shown: (*name).into(), manifest: true, named: false })
            .collect();
        Charts::find(files.iter())
    }

    #[test]
    fn templates_and_values_are_no_manifests_but_crds_are() {
        let charts = charts(&["charts/web/Chart.yaml", "charts/web/charts/db/Chart.yaml", "app.yaml"]);
        assert_eq!(charts.role("charts/web/templates/sub/a.yaml"), Some(Role::Template));
        assert_eq!(charts.role("charts/web/charts/db/templates/a.yaml"), Some(Role::Template));
        assert_eq!(charts.role("charts/web/values-prod.yaml"), Some(Role::Chart));
        assert_eq!(charts.role("charts/web/crds/a.yaml"), None);
        assert_eq!(charts.role("app.yaml"), None);
        assert_eq!(charts.outermost().map(|dir| &**dir).collect::<Vec<_>>(), ["charts/web"]);
    }

    #[test]
    fn the_working_directory_can_be_a_chart() {
        let charts = charts(&["Chart.yaml"]);
        assert_eq!(charts.role("templates/a.yaml"), Some(Role::Template));
        assert_eq!(charts.outermost().count(), 1);
    }
}
