//! From the parser's events to a tree.

use granit_parser::{ScalarStyle, Tag as ParserTag};
use tacit_lang::span::Span;

use super::arena::{self, ALIAS, Arena, KEY, Kind, MERGE, NO_PARENT, NodeData, SIDE, Style};
use super::error::Refusal;
use super::number;
use super::options::Limits;
use super::resolve::{self, Scalar, Tag};
use super::tree::Problem;

/// A refusal and its place.
pub(super) type Refused = (Refusal, Span);

/// What holds for the whole text.
#[derive(Clone, Copy)]
pub(super) struct Context<'s> {
    /// The text of the file.
    pub(super) source: &'s str,
    pub(super) rules: Rules,
    pub(super) limits: Limits,
}

/// Whose rules say what a scalar without quotes means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    Yaml,
    Json,
}

/// A tree being built. It is kept from document to document, so that its vectors are.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) arena: Arena,
    pub(super) problems: Vec<Problem>,
    /// The collections that are open, outermost first.
    pub(super) frames: Vec<Frame>,
    /// Hash and id of the keys of the open mappings; each frame knows where its own start.
    pub(super) keys: Vec<(u32, u32)>,
    /// The parser's number of an anchor, and its node; numbers grow.
    anchors: Vec<(usize, u32)>,
    /// Where the last node, or part of one, ended.
    last_end: u32,
    /// Nodes that are copies, counted as the API server's library counts them.
    copied: u64,
    /// Aliases met.
    aliases: u64,
    /// The values of the root's `apiVersion` and `kind`; 0 while they have not been read.
    pub(super) header: [u32; 2],
}

/// A collection that is open.
pub(super) struct Frame {
    pub(super) id: u32,
    /// Index in `keys` of a mapping's first key.
    pub(super) keys: u32,
    /// One bit for each hash seen, modulo 64.
    seen: u64,
    count: u32,
    expects: Expects,
    /// Two keys share a bit of `seen`.
    pub(super) may_repeat: bool,
    pub(super) merges: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expects {
    Item,
    Key,
    Value,
}

impl Tree {
    /// Makes room for the next document, which starts at `offset`.
    pub(super) fn begin(&mut self, offset: u32) {
        self.arena.clear();
        self.problems.clear();
        self.frames.clear();
        self.keys.clear();
        self.anchors.clear();
        self.last_end = offset;
        self.copied = 0;
        self.aliases = 0;
        self.header = [0; 2];
    }

    /// A scalar.
    pub(super) fn scalar(
        &mut self,
        cx: Context<'_>,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&ParserTag>,
        span: Span,
    ) -> Result<(), Refused> {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let span = match style {
            Style::Literal | Style::Folded => block_scalar_span(cx.source, self.last_end, span),
            _ => span,
        };
        let tag = tag.map(core_tag);
        let meaning = match (tag, style, cx.rules) {
            (None, Style::Plain, Rules::Yaml) if span.is_empty() => Scalar::Null,
            (None, Style::Plain, Rules::Yaml) => resolve::plain(text),
            (None, Style::Plain, Rules::Json) => resolve::json(text).ok_or((Refusal::NumberRange, span))?,
            (None, ..) => Scalar::Str,
            // The parser hands out `~` for a value that is only a tag.
            (Some(tag), Style::Plain, _) if span.is_empty() => {
                resolve::tagged(tag, "").ok_or((Refusal::Tag(tag.name()), span))?
            }
            (Some(tag), ..) => resolve::tagged(tag, text).ok_or((Refusal::Tag(tag.name()), span))?,
        };
        let binary;
        let mut text = text;
        if tag == Some(Tag::Binary) {
            binary = resolve::binary(text).ok_or((Refusal::Binary, span))?;
            text = &binary;
        }
        if tag.is_some() && span.is_empty() && style == Style::Plain {
            text = "";
        }
        let is_merge =
            matches!((style, tag), (Style::Plain, None) | (_, Some(Tag::Merge | Tag::NonSpecific))) && text == "<<";

        let (parent, is_key) = self.place();
        let mut node = NodeData { span, parent, a: 0, b: 0, c: 0, kind: Kind::String, style, flags: 0 };
        if is_key {
            match meaning {
                Scalar::Str => self.set_text(&mut node, cx.source, text),
                Scalar::Null => return Err((Refusal::NullKey, span)),
                Scalar::Large(_) => return Err((Refusal::LargeKey, span)),
                Scalar::Bool(value) => self.set_side(&mut node, if value { "true" } else { "false" }),
                Scalar::Int(value) => self.set_int(&mut node, cx.source, text, value),
                Scalar::Float(value) => self.set_side(&mut node, &number::key_float(value)),
            }
            node.flags |= KEY | if is_merge { MERGE } else { 0 };
        } else {
            self.set_value(cx, &mut node, text, meaning)?;
        }
        self.last_end = self.last_end.max(span.end);
        self.push(cx, node)?;
        self.anchor(anchor);
        Ok(())
    }

    fn set_value(&mut self, cx: Context<'_>, node: &mut NodeData, text: &str, meaning: Scalar) -> Result<(), Refused> {
        let source = cx.source;
        match meaning {
            Scalar::Str => self.set_text(node, source, text),
            Scalar::Null => node.kind = Kind::Null,
            Scalar::Bool(value) => {
                node.kind = Kind::Bool;
                node.a = u32::from(value);
            }
            Scalar::Int(value) => {
                node.kind = Kind::Int;
                self.set_int(node, source, text, value);
            }
            Scalar::Large(value) => self.set_float(node, source, text, value as f64),
            Scalar::Float(value) if !value.is_finite() => return Err((Refusal::NotFinite, node.span)),
            Scalar::Float(value) => match number::integral(value).filter(|_| cx.rules == Rules::Yaml) {
                Some(value) => {
                    node.kind = Kind::Int;
                    self.set_side(node, &value.to_string());
                }
                None => self.set_float(node, source, text, value),
            },
        }
        Ok(())
    }

    /// An alias. What it refers to is copied to its place.
    pub(super) fn alias(&mut self, cx: Context<'_>, anchor: usize, span: Span) -> Result<(), Refused> {
        let target = match self.anchors.binary_search_by_key(&anchor, |&(number, _)| number) {
            Ok(at) => self.anchors[at].1,
            Err(_) => return Err((Refusal::Recursive, span)),
        };
        let data = self.arena.nodes[target as usize];
        if data.is_collection() && data.a == 0 {
            return Err((Refusal::Recursive, span));
        }
        let end = data.end(target);
        self.spend(&cx.limits, end - target, span)?;

        let (parent, is_key) = self.place();
        self.last_end = self.last_end.max(span.end);
        if is_key {
            let key = self.key_from(data, cx.source, span)?;
            return self.push(cx, NodeData { span, parent, ..key });
        }
        let root = self.arena.nodes.len() as u32;
        self.arena.aliases.push((root, target));
        self.copy(target, end);
        let node = &mut self.arena.nodes[root as usize];
        node.span = span;
        node.parent = parent;
        // A copy of a key, or of a merge key, stands here as a plain value.
        node.flags = node.flags & !(KEY | MERGE) | ALIAS;
        self.note_header(root, cx.source);
        Ok(())
    }

    /// Counts an alias of `nodes` nodes against the limits. The proportion is the one of the API server's library: of up
    /// to 400,000 nodes 99 % may come from aliases, of 4,000,000 and more 10 %.
    fn spend(&mut self, limits: &Limits, nodes: u32, span: Span) -> Result<(), Refused> {
        self.copied += u64::from(nodes);
        self.aliases += 1;
        let all = self.arena.nodes.len() as u64 + self.aliases + u64::from(nodes);
        const LOW: f64 = 400_000.0;
        const HIGH: f64 = 4_000_000.0;
        let allowed = 0.99 - 0.89 * ((all as f64 - LOW) / (HIGH - LOW)).clamp(0.0, 1.0);
        let excessive = self.copied > 100 && all > 1_000 && self.copied as f64 / all as f64 > allowed;
        if excessive || self.copied > u64::from(limits.alias_nodes) {
            return Err((Refusal::Aliases, span));
        }
        if all > u64::from(limits.nodes) {
            return Err((Refusal::Nodes(limits.nodes), span));
        }
        Ok(())
    }

    /// The node of a scalar as a key.
    fn key_from(&mut self, data: NodeData, source: &str, span: Span) -> Result<NodeData, Refused> {
        let mut key = NodeData { flags: data.flags & SIDE | KEY, kind: Kind::String, ..data };
        match data.kind {
            Kind::Null => return Err((Refusal::NullKey, span)),
            Kind::Seq | Kind::Map => return Err((Refusal::CollectionKey, span)),
            Kind::String | Kind::Int => {}
            Kind::Bool => self.set_side(&mut key, if data.a == 1 { "true" } else { "false" }),
            Kind::Float => {
                let value: f64 = self.arena.text(&data, source).parse().unwrap_or(0.0);
                self.set_side(&mut key, &number::key_float(value));
            }
        }
        Ok(key)
    }

    /// Copies the subtree `[from, to)` to the end of the tree.
    fn copy(&mut self, from: u32, to: u32) {
        let delta = self.arena.nodes.len() as u32 - from;
        for id in from..to {
            let mut node = self.arena.nodes[id as usize];
            node.parent = node.parent.wrapping_add(delta);
            if node.is_collection() {
                node.a += delta;
            }
            if node.is(arena::LISTED) {
                let start = node.c as usize;
                node.c = self.arena.entries.len() as u32;
                for at in start..start + node.b as usize {
                    let (key, value) = self.arena.entries[at];
                    self.arena.entries.push((key + delta, value + delta));
                }
            }
            if node.is(ALIAS) {
                self.arena.aliases.push((id + delta, id));
            }
            self.arena.nodes.push(node);
        }
    }

    /// A sequence or mapping starts.
    pub(super) fn open(
        &mut self,
        cx: Context<'_>,
        kind: Kind,
        style: Style,
        anchor: usize,
        span: Span,
    ) -> Result<(), Refused> {
        if self.frames.len() >= cx.limits.depth as usize {
            return Err((Refusal::Depth(cx.limits.depth), span));
        }
        let (parent, is_key) = self.place();
        if is_key {
            return Err((Refusal::CollectionKey, span));
        }
        let mut span = span;
        if kind == Kind::Seq
            && style == Style::Plain
            && self.frames.last().is_some_and(|frame| frame.expects == Expects::Key)
        {
            // The parser places a sequence that is not indented below its key behind the first dash.
            span.start = find_sign(cx.source, self.last_end, span.start, b"-");
        }
        let id = self.arena.nodes.len() as u32;
        self.push(cx, NodeData { span, parent, a: 0, b: 0, c: 0, kind, style, flags: 0 })?;
        self.anchor(anchor);
        self.last_end = self.last_end.max(span.end);
        self.frames.push(Frame {
            id,
            keys: self.keys.len() as u32,
            seen: 0,
            count: 0,
            expects: if kind == Kind::Map { Expects::Key } else { Expects::Item },
            may_repeat: false,
            merges: false,
        });
        Ok(())
    }

    /// The innermost collection ends. A block collection has no closing sign: it ends with its last child.
    pub(super) fn close(&mut self, source: &str, span: Span) -> Result<(), Refused> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let end = self.arena.nodes.len() as u32;
        let node = &mut self.arena.nodes[frame.id as usize];
        if node.style == Style::Flow {
            self.last_end = self.last_end.max(span.end);
        }
        node.span.end = self.last_end.max(node.span.start);
        node.a = end;
        node.b = frame.count;
        if frame.merges || frame.may_repeat {
            self.list_entries(&frame, source)?;
        }
        self.keys.truncate(frame.keys as usize);
        Ok(())
    }

    /// The parent of the node that comes next, and whether the node is a key.
    fn place(&mut self) -> (u32, bool) {
        match self.frames.last_mut() {
            None => (NO_PARENT, false),
            Some(frame) => {
                let is_key = frame.expects == Expects::Key;
                frame.expects = match frame.expects {
                    Expects::Item => Expects::Item,
                    Expects::Key => Expects::Value,
                    Expects::Value => Expects::Key,
                };
                frame.count += u32::from(frame.expects != Expects::Key);
                (frame.id, is_key)
            }
        }
    }

    fn push(&mut self, cx: Context<'_>, mut node: NodeData) -> Result<(), Refused> {
        let id = self.arena.nodes.len() as u32;
        if id >= cx.limits.nodes {
            return Err((Refusal::Nodes(cx.limits.nodes), node.span));
        }
        if node.is(KEY) {
            node.c = arena::key_hash(self.arena.text(&node, cx.source));
            if let Some(frame) = self.frames.last_mut() {
                let bit = 1 << (node.c >> 26);
                frame.may_repeat |= frame.seen & bit != 0;
                frame.seen |= bit;
                frame.merges |= node.is(MERGE);
            }
            self.keys.push((node.c, id));
            self.arena.nodes.push(node);
        } else {
            self.arena.nodes.push(node);
            self.note_header(id, cx.source);
        }
        Ok(())
    }

    /// Remembers the last node under the parser's number of its anchor; 0 is none.
    fn anchor(&mut self, number: usize) {
        if number != 0 {
            self.anchors.push((number, self.arena.nodes.len() as u32 - 1));
        }
    }

    fn set_text(&mut self, node: &mut NodeData, source: &str, text: &str) {
        // The parser hands out a part of the source where nothing was escaped or folded.
        let offset = (text.as_ptr() as usize).wrapping_sub(source.as_ptr() as usize);
        if offset <= source.len() && text.len() <= source.len() - offset {
            node.a = offset as u32;
            node.b = text.len() as u32;
        } else {
            self.set_side(node, text);
        }
    }

    fn set_side(&mut self, node: &mut NodeData, text: &str) {
        node.a = self.arena.side.len() as u32;
        node.b = text.len() as u32;
        node.flags |= SIDE;
        self.arena.side.push_str(text);
    }

    fn set_int(&mut self, node: &mut NodeData, source: &str, text: &str, value: i64) {
        let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
        let canonical = matches!(digits, [b'1'..=b'9', ..]) || text == "0";
        if canonical && digits.iter().all(u8::is_ascii_digit) {
            self.set_text(node, source, text);
        } else {
            self.set_side(node, &value.to_string());
        }
    }

    fn set_float(&mut self, node: &mut NodeData, source: &str, text: &str, value: f64) {
        node.kind = Kind::Float;
        let canonical = number::json_float(value);
        if canonical == text {
            self.set_text(node, source, text);
        } else {
            self.set_side(node, &canonical);
        }
    }
}

fn core_tag(tag: &ParserTag) -> Tag {
    if matches!(tag.parts(), ("!", "") | ("", "!")) {
        return Tag::NonSpecific;
    }
    tag.suffix_in_namespace("tag:yaml.org,2002:").map_or(Tag::Other, |name| Tag::from_core(&name))
}

/// The span of a block scalar from its `|` or `>` to the end of its last line that is not blank. The parser's starts at
/// the text and goes on through blank lines. `before` is where the last node ended.
fn block_scalar_span(source: &str, before: u32, content: Span) -> Span {
    let start = find_sign(source, before, content.start, b"|>");
    let text = source.get(start as usize..content.end as usize).unwrap_or("");
    Span::new(start, start + text.trim_end().len() as u32)
}

/// The first of `signs` from `from` on that is no part of a comment, an anchor or a tag; else `limit`.
fn find_sign(source: &str, from: u32, limit: u32, signs: &[u8]) -> u32 {
    let between = source.as_bytes().get(from as usize..limit as usize).unwrap_or(&[]);
    let mut at = 0;
    while let Some(byte) = between.get(at) {
        let rest = &between[at..];
        at += match byte {
            byte if signs.contains(byte) => return from + at as u32,
            b'#' => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
            b'&' | b'!' => rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len()),
            _ => 1,
        };
    }
    limit
}
