//! Links between the pages of the repository lead somewhere.

use std::path::Path;

use tacit_tests::{binary, markdown};

#[test]
fn relative_links_lead_to_a_file_and_a_heading() {
    let root = binary::repository();
    let mut broken = Vec::new();
    for path in markdown::pages(root) {
        let page = std::fs::read_to_string(&path).expect("a page is UTF-8");
        for (line, target) in markdown::links(&page) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            if !leads_somewhere(&path, &page, &target) {
                broken.push(format!("{}:{line}: {target}", path.strip_prefix(root).unwrap_or(&path).display()));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

fn leads_somewhere(path: &Path, page: &str, target: &str) -> bool {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    if file.is_empty() {
        return markdown::anchors(page).iter().any(|anchor| anchor == heading);
    }
    let file = path.parent().unwrap_or(path).join(file);
    if heading.is_empty() || file.extension().is_none_or(|ext| ext != "md") {
        return file.exists();
    }
    std::fs::read_to_string(&file).is_ok_and(|page| markdown::anchors(&page).iter().any(|anchor| anchor == heading))
}
