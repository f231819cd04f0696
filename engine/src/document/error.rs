//! Why a document could not be read.

use std::fmt;

use granit_parser::ErrorKind;
use tacit_lang::span::Span;

/// Why a document, or a whole file, could not be read. The message names the place and the reason and never holds text of
/// the source, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// Which document of the file, from 0; none where the whole file is meant.
    pub document: Option<u32>,
    /// Where.
    pub span: Span,
    /// The reason, and what to do where that is not plain.
    pub message: String,
    /// The class of reason.
    pub kind: LoadErrorKind,
}

/// Classes of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoadErrorKind {
    /// Not YAML, or not JSON.
    Syntax,
    /// YAML, but with a meaning that the API server refuses: a key that is no scalar, a tag that its text contradicts.
    Meaning,
    /// Beyond a limit: depth, size, or what aliases expand to.
    Limit,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LoadError {}

/// What makes a document one that the API server refuses, though its syntax is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NullKey,
    LargeKey,
    CollectionKey,
    NotFinite,
    NumberRange,
    Tag(&'static str),
    Binary,
    MergeValue,
    Recursive,
    Aliases,
    LineSeparator,
    Depth(u32),
    Nodes(u32),
}

impl Refusal {
    pub(super) fn kind(self) -> LoadErrorKind {
        match self {
            Refusal::Aliases | Refusal::Depth(_) | Refusal::Nodes(_) => LoadErrorKind::Limit,
            _ => LoadErrorKind::Meaning,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NullKey => f.write_str("null cannot be a key: quote it"),
            Refusal::LargeKey => f.write_str("a number this large cannot be a key: quote it"),
            Refusal::CollectionKey => f.write_str("a mapping or sequence cannot be a key"),
            Refusal::NotFinite => f.write_str("infinity and not-a-number cannot be sent to the API server"),
            Refusal::NumberRange => f.write_str("this number is too large"),
            Refusal::Tag(tag) => write!(f, "the value is not what its tag {tag} says"),
            Refusal::Binary => f.write_str("the value of `!!binary` is not base64"),
            Refusal::MergeValue => f.write_str("the merge key `<<` takes a mapping or a sequence of mappings"),
            Refusal::Recursive => f.write_str("this alias stands inside the node that it refers to"),
            Refusal::Aliases => f.write_str("the aliases expand to too many nodes"),
            Refusal::LineSeparator => f.write_str(
                "U+0085, U+2028 and U+2029 end a line for the API server and not for other readers: escape the character",
            ),
            Refusal::Depth(limit) => write!(f, "nested deeper than {limit} levels"),
            Refusal::Nodes(limit) => write!(f, "the document has more than {limit} nodes"),
        }
    }
}

/// The class of a parser's error, and the reason in words.
pub(super) fn describe(kind: &ErrorKind, depth: u32) -> (LoadErrorKind, String) {
    use ErrorKind as E;
    let reason = match kind {
        E::RecursionLimitExceeded => return (LoadErrorKind::Limit, Refusal::Depth(depth).to_string()),
        E::UnexpectedEofFlowSequence | E::UnclosedFlowCollection { open: '[' } => "this `[` is never closed",
        E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping | E::UnclosedFlowCollection { .. } => {
            "this `{` is never closed"
        }
        E::UnexpectedEof | E::UnexpectedEofBlockSequence | E::UnexpectedEofBlockMapping => "the text ends too early",
        E::UnknownAnchor => "no anchor of this name stands before the alias",
        E::UndeclaredTagHandle => "the tag's prefix is not declared",
        E::ExpectedBlockMappingKey => "a key was expected here: check the indentation of this line and the ones above",
        E::ExpectedBlockSequenceEntry => {
            "`- ` was expected here: check the indentation of this line and the ones above"
        }
        E::ExpectedFlowMappingSeparator => "`,` or `}` was expected here",
        E::ExpectedFlowSequenceSeparator => "`,` or `]` was expected here",
        E::ExpectedDocumentStart => "`---` was expected here",
        E::ExpectedNodeContent => "a value was expected here",
        E::MisplacedFlowCollectionEnd => "this bracket closes nothing",
        E::MismatchedFlowCollectionEnd { .. } => "this bracket does not match the one that is open",
        E::BlockEntryInFlowCollection => "`- ` cannot stand between brackets",
        E::BlockSequenceEntryNotAllowed => "`- ` cannot start here",
        E::SimpleKeyExpected | E::InvalidSimpleKey => "`:` was expected behind this key",
        E::MappingKeyNotAllowed => "a key cannot stand here",
        E::MappingValueNotAllowed | E::InvalidColonPlacement => {
            "`: ` cannot stand here: check the indentation, or quote the text"
        }
        E::InvalidMappingValueWhitespace | E::InvalidBlockEntryWhitespace | E::ExpectedWhitespace => {
            "a space was expected here"
        }
        E::InvalidIndentation | E::InvalidFlowScalarIndent | E::InvalidQuotedScalarIndent => "wrong indentation",
        E::InvalidBlockScalarIndent | E::ZeroBlockScalarIndent => "wrong indentation in a block of text",
        E::InvalidBlockScalarHeader => "only a comment may follow `|` or `>` on its line",
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabAtBlockScalarStart
        | E::TabInPlainScalar => "a tab cannot indent: use spaces",
        E::UnclosedQuotedScalar => "this quote is never closed",
        E::DocumentIndicatorInQuotedScalar => "a quoted text goes on past the end of the document",
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => {
            "nothing may follow the closing quote"
        }
        E::UnknownQuotedScalarEscape => "unknown escape: write `\\\\` for a backslash",
        E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => "this escape names no character",
        E::UnexpectedCharacter { character } if character.is_control() => "control characters are not allowed",
        E::UnexpectedCharacter { .. } | E::PlainScalarStartsWithDashFlowIndicator | E::UnexpectedEndOfPlainScalar => {
            "a text cannot start like this: quote it"
        }
        E::BomInsideDocument => "a byte-order mark can only stand at the start",
        E::CommentInterceptedScalar => "a comment cannot stand inside a text",
        E::CommentNotSeparated => "a space was expected before the comment",
        E::MissingAnchorOrAliasName => "the name of an anchor or alias was expected",
        E::InvalidDocumentEnd => "only a comment may follow `...`",
        E::MissingDocumentEndBeforeDirective => "a directive can only follow `...`",
        E::DuplicateVersionDirective | E::DuplicateTagDirective => "this directive stands twice",
        E::UnsupportedYamlMajorVersion => "this version of YAML is not supported",
        E::InvalidDirectiveTerminator
        | E::MissingYamlVersionSeparator
        | E::MissingDirectiveName
        | E::InvalidDirectiveName
        | E::DirectiveByteLimitExceeded { .. }
        | E::TooManyReservedDirectiveParams { .. }
        | E::YamlVersionTooLong
        | E::MissingYamlVersion
        | E::InvalidTagDirectiveTerminator
        | E::ExpectedTagDirectiveBang => "this directive is malformed",
        E::ExpectedTagBang
        | E::InvalidGlobalTagCharacter
        | E::InvalidTagTerminator
        | E::MissingTagUri
        | E::UnclosedVerbatimTag
        | E::InvalidTagEscape
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte
        | E::InvalidTagUtf8 => "this tag is malformed",
        _ => "this is not YAML",
    };
    (LoadErrorKind::Syntax, reason.to_owned())
}
