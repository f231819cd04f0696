//! From the text of a file to its documents.

use std::mem;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Marker, Parser, ScanError, Span as ParserSpan, SpannedEventReceiver, StructureStyle};
use tacit_lang::span::Span;

use super::arena::{Arena, Kind, NodeData, Style};
use super::build::{Context, Refused, Rules, Tree};
use super::error::{self, LoadError, LoadErrorKind, Refusal};
use super::file::{LoadedFile, Template};
use super::header::Watch;
use super::options::{Limits, LoadOptions};
use super::source::SourceText;
use super::tree::{Comment, Document, Placement, Problem, ProblemKind};

/// Says for a document's `apiVersion` and `kind`, as far as it has them, whether its tree is wanted.
pub type Want<'w> = &'w dyn Fn(Option<&str>, Option<&str>) -> bool;

/// Reads the documents of a YAML text.
pub fn load_yaml(source: Arc<SourceText>, options: &LoadOptions) -> LoadedFile {
    TreeBuilder::new().load_yaml(&source, options)
}

/// Reads the documents of a YAML text, and builds the trees of those that `want` asks for. All are scanned for errors of
/// syntax.
pub fn load_yaml_filtered(source: Arc<SourceText>, options: &LoadOptions, want: Want<'_>) -> LoadedFile {
    TreeBuilder::new().load_yaml_filtered(&source, options, want)
}

/// Reads the values of a JSON text, each as a document; kubectl takes several behind one another.
pub fn load_json(source: Arc<SourceText>, options: &LoadOptions) -> LoadedFile {
    TreeBuilder::new().load_json(&source, options)
}

/// The longest key of YAML, in characters, as the specification and the API server have it.
const KEY_LENGTH: usize = 1024;

/// Loads files, one after another, and keeps its memory between them. Where documents are given back by
/// [`recycle`](Self::recycle) when they are done with, a stream of files takes next to no new memory.
#[derive(Default)]
pub struct TreeBuilder {
    tree: Tree,
    pool: Vec<Arena>,
}

impl TreeBuilder {
    /// One with no memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// See [`load_yaml`].
    pub fn load_yaml(&mut self, source: &Arc<SourceText>, options: &LoadOptions) -> LoadedFile {
        self.load_yaml_filtered(source, options, &|_, _| true)
    }

    /// See [`load_yaml_filtered`].
    pub fn load_yaml_filtered(
        &mut self,
        source: &Arc<SourceText>,
        options: &LoadOptions,
        want: Want<'_>,
    ) -> LoadedFile {
        self.load(source, options, want, Rules::Yaml, |loader| loader.run(0..source.text.len()))
    }

    /// See [`load_json`].
    pub fn load_json(&mut self, source: &Arc<SourceText>, options: &LoadOptions) -> LoadedFile {
        self.load_json_filtered(source, options, &|_, _| true)
    }

    /// Reads the values of a JSON text, and builds the trees of those that `want` asks for.
    pub fn load_json_filtered(
        &mut self,
        source: &Arc<SourceText>,
        options: &LoadOptions,
        want: Want<'_>,
    ) -> LoadedFile {
        self.load(source, options, want, Rules::Json, super::json::run)
    }

    fn load(
        &mut self,
        source: &Arc<SourceText>,
        options: &LoadOptions,
        want: Want<'_>,
        rules: Rules,
        run: impl Fn(&mut Loader<'_>),
    ) -> LoadedFile {
        let limit = options.limits.bytes.min(u32::MAX - 1);
        if source.text.len() > limit as usize {
            let message = format!("the file is larger than {limit} bytes");
            let error = LoadError { document: None, span: Span::at(0), message, kind: LoadErrorKind::Limit };
            return LoadedFile { errors: vec![error], ..LoadedFile::default() };
        }
        let separators = if rules == Rules::Yaml { line_separators(&source.text) } else { Vec::new() };
        let mut early = separators.is_empty();
        loop {
            let mut loader = Loader::new(self, source, options, want, rules, separators.clone());
            loader.early = early;
            run(&mut loader);
            if !loader.doubtful {
                return loader.finish();
            }
            // Rare enough to start over.
            early = false;
        }
    }

    /// Takes back the memory of a document that is done with.
    pub fn recycle(&mut self, document: Document) {
        const KEPT: usize = 64;
        if self.pool.len() < KEPT {
            self.pool.push(document.arena);
        }
    }
}

/// The reading of one file. The parser hands it event after event.
pub(super) struct Loader<'l> {
    builder: &'l mut TreeBuilder,
    source: &'l Arc<SourceText>,
    options: &'l LoadOptions,
    want: Want<'l>,
    cx: Context<'l>,
    out: LoadedFile,
    comments: Vec<Comment>,
    /// Which document comes next, or is being read.
    index: u32,
    /// Where it starts.
    start: u32,
    /// Added to the parser's offsets, which count from the start of the part that it reads.
    base: u32,
    /// A document is being read.
    open: bool,
    /// What becomes of its events.
    mode: Mode,
    /// Ask whether a tree is wanted as soon as the header is known, not at the end.
    early: bool,
    asked: bool,
    watch: Watch,
    /// A document that was not wanted by its header may have another one after all.
    doubtful: bool,
    failure: Option<Failure>,
    /// Where characters stand that end a line in YAML 1.1 only.
    separators: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Build,
    /// The tree is not wanted: only look for errors.
    Scan,
    /// The document is lost.
    Skip,
}

/// Why the document being read is lost.
enum Failure {
    Template(Span),
    Error { span: Span, kind: LoadErrorKind, message: String },
}

impl<'l> Loader<'l> {
    fn new(
        builder: &'l mut TreeBuilder,
        source: &'l Arc<SourceText>,
        options: &'l LoadOptions,
        want: Want<'l>,
        rules: Rules,
        separators: Vec<u32>,
    ) -> Self {
        Loader {
            builder,
            source,
            options,
            want,
            cx: Context { source: &source.text, rules, limits: options.limits },
            out: LoadedFile::default(),
            comments: Vec::new(),
            index: 0,
            start: 0,
            base: 0,
            open: false,
            mode: Mode::Build,
            early: true,
            asked: false,
            watch: Watch::new(),
            doubtful: false,
            failure: None,
            separators,
        }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'l str {
        self.cx.source
    }

    /// Reads a part of the text, which holds whole documents.
    fn run(&mut self, part: Range<usize>) {
        let end = part.end as u32;
        self.parse(part, KEY_LENGTH);
        self.close_failed(end);
    }

    /// Reads a JSON value that has been checked. The parser bounds the length of keys, so that it need not look far
    /// ahead: where that is too little, the length of the longest string is enough.
    pub(super) fn run_json(&mut self, part: Range<usize>) {
        let end = part.end as u32;
        self.parse(part.clone(), KEY_LENGTH);
        let longest = self.failure.as_ref().map_or(0, |_| super::json::longest_string(&self.cx.source[part.clone()]));
        if longest > KEY_LENGTH {
            self.failure = None;
            self.comments.clear();
            self.parse(part, KEY_LENGTH + longest);
        }
        self.close_failed(end);
    }

    fn parse(&mut self, part: Range<usize>, key_length: usize) {
        self.base = part.start as u32;
        let Limits { depth, .. } = self.options.limits;
        let options = granit_parser::options! {
            emit_comments: self.options.comments,
            // Comments are bounded by the size of the text.
            max_buffered_comment_events: usize::MAX,
            flow_nesting_limit: depth as usize,
            block_nesting_limit: depth as usize,
            simple_key_max_lookahead: key_length,
        };
        let mut parser = Parser::new_from_str_with_options(&self.cx.source[part], options);
        while let Err(error) = parser.load(self, true) {
            self.syntax_error(&error);
            if !parser.proceed_next_document().unwrap_or(false) {
                break;
            }
        }
    }

    fn node(&mut self, event: Event<'_>, span: Span) -> Result<(), Refused> {
        let (tree, cx) = (&mut self.builder.tree, self.cx);
        let written = |style| match style {
            StructureStyle::Block => Style::Plain,
            StructureStyle::Flow => Style::Flow,
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => tree.scalar(cx, &text, style, anchor, tag.as_deref(), span),
            Event::SequenceStart(style, anchor, _) => tree.open(cx, Kind::Seq, written(style), anchor, span),
            Event::MappingStart(style, anchor, _) => tree.open(cx, Kind::Map, written(style), anchor, span),
            Event::SequenceEnd | Event::MappingEnd => tree.close(cx.source, span),
            Event::Alias(anchor) => tree.alias(cx, anchor, span),
            _ => Ok(()),
        }
    }

    /// Asks whether the tree is wanted, once the header is known.
    #[inline]
    fn ask(&mut self) {
        // Before a document is open the tree still holds the header of the one before, of another text.
        if self.asked || !self.early || !self.open {
            return;
        }
        if let Some((api_version, kind)) = self.builder.tree.early_header(self.cx.source) {
            self.asked = true;
            if !(self.want)(api_version, kind) {
                self.mode = Mode::Scan;
                self.watch = Watch::new();
            }
        }
    }

    fn begin(&mut self, marker: Span) {
        self.close_failed(marker.start);
        self.open = true;
        self.mode = Mode::Build;
        self.asked = false;
        self.builder.tree.begin(marker.end);
    }

    fn end(&mut self, at: u32) {
        self.open = false;
        if !self.separators.is_empty() && self.mode == Mode::Build {
            self.check_separators(at);
        }
        if self.failure.is_some() {
            self.close_failed(at);
            return;
        }
        let tree = &self.builder.tree;
        let empty = matches!(tree.arena.nodes.as_slice(), [node] if node.kind == Kind::Null && node.span.is_empty());
        if self.mode == Mode::Build && empty {
            self.out.empty_documents += 1;
        } else {
            if self.mode == Mode::Build && !self.asked {
                let (api_version, kind) = self.builder.tree.final_header(self.cx.source);
                if !(self.want)(api_version, kind) {
                    self.mode = Mode::Scan;
                }
            }
            if self.mode == Mode::Build {
                self.keep(Span::new(self.start, at));
            } else {
                self.out.unwanted_documents += 1;
            }
        }
        self.comments.clear();
        self.index += 1;
        self.start = at;
    }

    /// Keeps a comment for the document it stands in, which may have ended already as far as the parser is concerned.
    fn comment(&mut self, comment: Comment) {
        if self.open || comment.span.start >= self.start {
            self.comments.push(comment);
        } else if let Some(last) = self.out.documents.last_mut()
            && last.index + 1 == self.index
        {
            last.comments.push(comment);
        }
    }

    fn keep(&mut self, span: Span) {
        let mut arena = self.builder.pool.pop().unwrap_or_default();
        arena.copy_from(&self.builder.tree.arena);
        let mut problems = self.builder.tree.problems.clone();
        self.marker_lines(span, &mut problems);
        self.out.documents.push(Document {
            source: Arc::clone(self.source),
            index: self.index,
            span,
            arena,
            comments: mem::take(&mut self.comments),
            problems,
        });
    }

    /// Finds lines that kubectl takes for the end of a document, with more than a comment on them.
    fn marker_lines(&self, span: Span, problems: &mut Vec<Problem>) {
        if self.cx.rules == Rules::Json {
            return;
        }
        let text = &self.cx.source[span.range()];
        for at in memchr::memmem::find_iter(text.as_bytes(), "---") {
            if at > 0 && text.as_bytes()[at - 1] != b'\n' {
                continue;
            }
            let content = text[at + 3..].lines().next().unwrap_or("");
            let trimmed = content.trim();
            if !trimmed.is_empty() && !trimmed.starts_with('#') {
                let start = span.start + (at + 3 + content.len() - content.trim_start().len()) as u32;
                let span = Span::new(start, start + trimmed.len() as u32);
                problems.push(Problem { kind: ProblemKind::ContentOnMarkerLine, span, related: None, node: None });
            }
        }
    }

    /// Refuses a document in which a character outside quotes ends a line for the API server and not for the parser: what
    /// follows would be read here as text or as a comment, and there as keys.
    fn check_separators(&mut self, end: u32) {
        let within = |at: &&u32| self.start <= **at && **at < end;
        let nodes = &self.builder.tree.arena.nodes;
        let quoted = |at: u32| {
            let holds = |node: &NodeData| node.span.start <= at && at < node.span.end;
            nodes.iter().any(|node| matches!(node.style, Style::SingleQuoted | Style::DoubleQuoted) && holds(node))
        };
        if let Some(&at) = self.separators.iter().filter(within).find(|&&at| !quoted(at)) {
            let refusal = Refusal::LineSeparator;
            self.fail(Span::at(at), refusal.kind(), refusal.to_string());
        }
    }

    fn lose(&mut self, failure: Failure) {
        self.mode = Mode::Skip;
        self.failure.get_or_insert(failure);
    }

    fn syntax_error(&mut self, error: &ScanError) {
        let (kind, message) = error::describe(error.kind(), self.options.limits.depth);
        let at = self.offset(*error.marker());
        self.fail(Span::at(at), kind, message);
    }

    /// Loses the document being read, or the one about to start.
    pub(super) fn fail(&mut self, at: Span, kind: LoadErrorKind, message: String) {
        let at = at.start;
        let next =
            self.cx.source[at as usize..].chars().next().filter(|&character| character != '\n' && character != '\r');
        let span = Span::new(at, at + next.map_or(0, char::len_utf8) as u32);
        self.lose(Failure::Error { span, kind, message });
    }

    /// Reports the document that was lost, if one was; it goes up to `end`.
    pub(super) fn close_failed(&mut self, end: u32) {
        let Some(failure) = self.failure.take() else { return };
        let document = self.index;
        match failure {
            Failure::Template(span) => self.out.templates.push(Template { document, span }),
            Failure::Error { span, kind, message } => {
                let text = self.cx.source.get(self.start as usize..end as usize).unwrap_or("");
                match memchr::memmem::find(text.as_bytes(), b"{{") {
                    Some(at) if kind == LoadErrorKind::Syntax => {
                        let at = self.start + at as u32;
                        self.out.templates.push(Template { document, span: Span::new(at, at + 2) });
                    }
                    _ => self.out.errors.push(LoadError { document: Some(document), span, message, kind }),
                }
            }
        }
        self.comments.clear();
        self.open = false;
        self.index += 1;
        self.start = end;
    }

    /// True where a template's action stands in the place of a value or key: `{{` outside quotes.
    fn starts_action(&self, at: Marker) -> bool {
        self.cx.source.as_bytes()[self.offset(at) as usize..].starts_with(b"{{")
    }

    fn finish(mut self) -> LoadedFile {
        let end = self.cx.source.len() as u32;
        if let Some(last) = self.out.documents.last_mut()
            && last.index + 1 == self.index
        {
            last.span.end = end;
            last.comments.append(&mut self.comments);
        }
        self.out
    }

    fn span(&self, span: ParserSpan) -> Span {
        let start = self.offset(span.start);
        Span::new(start, self.offset(span.end).max(start))
    }

    fn offset(&self, marker: Marker) -> u32 {
        self.base + marker.byte_offset().unwrap_or(0) as u32
    }
}

/// Where a document ends of which the parser has read all that means something by `at`: blanks and comments follow.
fn trailing(text: &str, at: u32) -> u32 {
    let bytes = text.as_bytes();
    let mut at = at as usize;
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
            Some(b'#') => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
            _ => return at as u32,
        }
    }
}

/// Where U+0085, U+2028 and U+2029 stand, which end a line in YAML 1.1, the API server's, and not in YAML 1.2.
fn line_separators(text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for separator in ["\u{85}", "\u{2028}", "\u{2029}"] {
        found.extend(memchr::memmem::find_iter(text.as_bytes(), separator).map(|at| at as u32));
    }
    found.sort_unstable();
    found
}

impl<'e> SpannedEventReceiver<'e> for Loader<'_> {
    fn on_event(&mut self, event: Event<'e>, span: ParserSpan) {
        match event {
            Event::DocumentStart(..) => self.begin(self.span(span)),
            Event::DocumentEnd => self.end(trailing(self.cx.source, self.span(span).end)),
            Event::Comment(_, placement) => {
                let placement = match placement {
                    granit_parser::Placement::Right => Placement::Trailing,
                    _ => Placement::OwnLine,
                };
                self.comment(Comment { span: self.span(span), placement });
            }
            Event::MappingStart(StructureStyle::Flow, ..) if self.starts_action(span.start) => {
                let span = self.span(span);
                self.lose(Failure::Template(Span::new(span.start, span.start + 2)));
            }
            event if self.mode == Mode::Scan => self.doubtful |= self.watch.is_doubtful(&event),
            _ if self.mode == Mode::Skip => {}
            event => {
                let span = self.span(span);
                if let Err((refusal, span)) = self.node(event, span) {
                    self.lose(Failure::Error { span, kind: refusal.kind(), message: refusal.to_string() });
                }
                self.ask();
            }
        }
    }
}
