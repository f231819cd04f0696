//! Lists, page by page: while one page is evaluated, the next is under way.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::channel::oneshot;
use kube::Client;
use serde_json::value::RawValue;
use tacit_engine::live::{LiveObject, LiveRun, Page};

use crate::answer::Fields;
use crate::discovery::Resource;
use crate::http::{Failure, get};
use crate::needs::Depth;
use crate::object::{Cut, Past};
use crate::table::{self, Columns};

/// Objects of a page: it bounds the memory of both sides.
const LIMIT: usize = 500;
/// Pages that wait for their evaluation, for one list.
const WAITING: usize = 3;
/// A list that changes faster than its pages are read is begun so often.
const BEGINNINGS: usize = 3;

const WHOLE: &str = "application/json";
const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
const TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";

/// A list that is asked for.
pub(crate) struct List<'l> {
    pub client: &'l Client,
    pub run: &'l Arc<LiveRun>,
    pub resource: &'l Resource,
    pub namespace: Option<&'l str>,
    pub depth: Depth,
    pub secret: bool,
    pub history: Option<Arc<Past>>,
}

impl List<'_> {
    /// All pages of it, evaluated, in their order.
    pub async fn pages(&self) -> Result<Vec<Page>, Failure> {
        let mut beginning = 1;
        loop {
            match self.once().await {
                Err(Failure::Expired) if beginning < BEGINNINGS => beginning += 1,
                result => return result,
            }
        }
    }

    async fn once(&self) -> Result<Vec<Page>, Failure> {
        let accept = match (self.secret, self.depth) {
            (true, Depth::Metadata | Depth::Whole) => TABLE,
            (_, Depth::Metadata) => METADATA,
            _ => WHOLE,
        };
        let cut = Arc::new(Cut {
            api_version: self.resource.api_version().into(),
            kind: self.resource.kind.as_str().into(),
            secret: self.secret,
            values: self.depth == Depth::Values,
            history: self.history.clone().filter(|_| self.secret),
        });
        let path = self.resource.path(self.namespace);
        let mut pages = Vec::new();
        let mut waiting: VecDeque<oneshot::Receiver<Option<Page>>> = VecDeque::new();
        let mut token = String::new();
        loop {
            let next = if token.is_empty() { String::new() } else { format!("&continue={}", escaped(&token)) };
            let body = get(self.client, &format!("{path}?limit={LIMIT}{next}"), accept).await?;
            token = continuation(&body).ok_or_else(unreadable)?;
            let (sender, receiver) = oneshot::channel();
            let (run, cut) = (self.run.clone(), cut.clone());
            rayon::spawn(move || {
                let page = objects(&cut, &body).map(|objects| run.page(objects));
                // Nobody waits where the list was begun again.
                let _ = sender.send(page);
            });
            waiting.push_back(receiver);
            while waiting.len() > if token.is_empty() { 0 } else { WAITING } {
                if let Some(receiver) = waiting.pop_front() {
                    pages.push(receiver.await.ok().flatten().ok_or_else(unreadable)?);
                }
            }
            if token.is_empty() {
                return Ok(pages);
            }
        }
    }
}

fn unreadable() -> Failure {
    Failure::Other("the server's answer is no list of objects".to_owned())
}

/// The token of the next page; empty at the end, nothing where the answer is no list. It stands before the items, which
/// are not read for it.
fn continuation(body: &[u8]) -> Option<String> {
    const HEAD: usize = 4096;
    let head = &body[..body.len().min(HEAD)];
    let items = [&b"\"items\":["[..], b"\"columnDefinitions\":["];
    let cut = items.iter().filter_map(|mark| find(head, mark)).min();
    let short = cut.map(|at| [head[..at].trim_ascii_end().trim_ascii_end_of(b","), b"}"].concat());
    let read = |text: &[u8]| -> Option<String> {
        let fields: Fields<'_> = serde_json::from_slice(text).ok()?;
        Some(fields.get("metadata").and_then(Fields::of)?.text("continue").unwrap_or_default())
    };
    short.as_deref().and_then(read).or_else(|| read(body))
}

fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    text.windows(mark.len()).position(|window| window == mark)
}

trait TrimEnd {
    fn trim_ascii_end_of(&self, mark: &[u8]) -> &[u8];
}

impl TrimEnd for [u8] {
    fn trim_ascii_end_of(&self, mark: &[u8]) -> &[u8] {
        self.strip_suffix(mark).unwrap_or(self)
    }
}

/// The objects of an answer.
fn objects(cut: &Cut, body: &[u8]) -> Option<Vec<LiveObject>> {
    let fields: Fields<'_> = serde_json::from_slice(body).ok()?;
    let list = |name: &str| -> Vec<&RawValue> {
        fields.get(name).and_then(|list| serde_json::from_str(list.get()).ok()).unwrap_or_default()
    };
    if fields.text("kind").as_deref() == Some("Table") {
        let columns = fields.get("columnDefinitions").map(Columns::of).unwrap_or_default();
        return Some(list("rows").into_iter().filter_map(|row| table::secret(cut, columns, row)).collect());
    }
    Some(list("items").into_iter().filter_map(|item| cut.item(item)).collect())
}

/// A token in a query.
fn escaped(token: &str) -> String {
    let mut out = String::with_capacity(token.len());
    for byte in token.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_without_the_items() {
        let page = br#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"ey=="},"items":[{"broken"#;
        assert_eq!(continuation(page).as_deref(), Some("ey=="));
        let last = br#"{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[]}"#;
        assert_eq!(continuation(last).as_deref(), Some(""));
        let table = br#"{"kind":"Table","metadata":{"continue":"a"},"columnDefinitions":[],"rows":[]}"#;
        assert_eq!(continuation(table).as_deref(), Some("a"));
        assert_eq!(continuation(b"<html>"), None);
        assert_eq!(escaped("ey=/"), "ey%3D%2F");
    }
}
