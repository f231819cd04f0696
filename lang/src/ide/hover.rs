//! What stands at a place, in Markdown: type, place in the schemas, documentation, what a rule reaches.

use std::fmt::Write;

use super::references::{Target, target};
use super::{Analysis, definition, hit};
use crate::builtin::{methods, relations};
use crate::check::{Checked, Symbol, attribute_doc};
use crate::ir::{Reach, Rule};
use crate::lexer::{self, Keyword};
use crate::schema::{KindId, Origin, Scope};
use crate::span::Span;

/// A text and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// The text, in Markdown.
    pub markdown: String,
}

/// What is known of the place at an offset.
pub fn hover(analysis: &Analysis, module: &str, offset: u32) -> Option<Hover> {
    let Some(found) = hit(analysis, module, offset) else { return keyword(analysis, module, offset) };
    let compiler = analysis.compiler();
    let fact = &found.fact;
    let name = &analysis.text(module)[fact.span.range()];
    let shown = compiler.show(&fact.ty);
    let mut out = String::new();
    match &fact.what {
        Symbol::Variable { .. } => code(&mut out, &format!("{name}: {shown}")),
        Symbol::Value => code(&mut out, &shown),
        Symbol::NoMember => return None,
        Symbol::Item { .. } => match target(analysis, module, found.index, fact)? {
            Target::Item { module, index } => item(analysis, &module, index, &shown, &mut out)?,
            _ => return None,
        },
        Symbol::Kind(id) => kind(analysis, *id, &mut out),
        Symbol::Field { owner, name } => {
            let info = compiler.schemas().type_info(*owner);
            code(&mut out, &format!("{}.{name}: {shown}", info.label));
            if let Some(text) = analysis.descriptions().field(&info.label, name) {
                paragraph(&mut out, text);
            }
            if let Some(field) = info.field(name) {
                if let crate::schema::Presence::Only(versions) = &field.versions {
                    paragraph(&mut out, &format!("Only in {}.", versions.join(", ")));
                }
                if let Some(default) = &field.default {
                    paragraph(&mut out, &format!("Default: `{default}`"));
                }
            }
            if let Some(Some(values)) = values(&fact.ty.base) {
                paragraph(&mut out, &format!("One of {values}."));
            }
        }
        Symbol::Key => code(&mut out, &format!("{name}: {shown}")),
        Symbol::Column { row, name } => {
            code(&mut out, &format!("{row}.{name}: {shown}"));
            let columns = relations::ALL
                .iter()
                .map(|r| (r.name, r.columns))
                .chain(relations::RECORDS.iter().map(|r| (r.name, r.columns)));
            let doc = columns
                .filter(|(other, _)| **other == **row)
                .flat_map(|(_, columns)| columns)
                .find(|(column, ..)| **column == **name);
            paragraph(&mut out, doc.map_or("", |(.., doc)| doc));
        }
        Symbol::Attr(attr) => {
            code(&mut out, &format!("{name}: {shown}"));
            paragraph(&mut out, attribute_doc(*attr));
        }
        Symbol::Method(method) => {
            let signature = methods::signature(*method);
            code(&mut out, &format!("{}: {shown}", method_signature(signature)));
            paragraph(&mut out, signature.doc);
        }
        Symbol::Relation(at) => {
            let relation = relations::ALL.get(*at as usize)?;
            code(&mut out, &format!("relation {}", relation.name));
            paragraph(&mut out, &format!("One row for {}.", relation.doc));
            for (column, ty, doc) in relation.columns {
                let _ = write!(out, "\n- `{column}: {ty}`: {doc}");
            }
        }
        Symbol::Type(id) => {
            let info = compiler.schemas().type_info(*id);
            code(&mut out, &format!("type {}", info.label));
            let fields: Vec<_> = info.fields.iter().take(30).map(|field| format!("`{}`", field.name)).collect();
            paragraph(&mut out, &fields.join(", "));
        }
    }
    if let Some(targets) = compiler.link_targets(&fact.ty) {
        paragraph(&mut out, &format!("Refers to {targets}; `->` follows it."));
    }
    let places: Vec<String> = fact.ty.places.iter().take(4).map(|place| format!("`{place}`")).collect();
    if !places.is_empty() && !matches!(fact.what, Symbol::Kind(_)) {
        paragraph(&mut out, &format!("From {}", places.join(", ")));
    }
    if fact.ty.confidential {
        paragraph(&mut out, "Secret material: it can be tested, compared and measured, and never printed.");
    }
    Some(Hover { span: fact.span, markdown: out })
}

fn values(base: &crate::types::Base) -> Option<Option<String>> {
    match base {
        crate::types::Base::String(values) => Some(
            values
                .as_ref()
                .map(|values| values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")),
        ),
        _ => None,
    }
}

pub(super) fn method_signature(signature: &methods::Signature) -> String {
    if !signature.call {
        return format!(".{}", signature.name);
    }
    let params: Vec<String> = signature
        .params
        .iter()
        .enumerate()
        .map(|(at, (name, _))| if at < signature.required { (*name).to_owned() } else { format!("{name}?") })
        .collect();
    format!(".{}({})", signature.name, params.join(", "))
}

/// What an item declares.
fn item(analysis: &Analysis, module: &str, index: usize, shown: &str, out: &mut String) -> Option<()> {
    let checked = analysis.item(module, index)?;
    let syntax = analysis.syntax(module, index)?;
    let raw = analysis.raw(module).get(index)?;
    let text = analysis.text(module);
    match &checked.ir {
        Checked::Rule(rule) => {
            let id = rule.code.as_ref().map(|code| format!("{code} ")).unwrap_or_default();
            code(out, &format!("rule {id}{} {}", rule.name, rule.severity.as_str()));
            paragraph(out, &format!("**{}**", rule.title));
        }
        _ => {
            let span = definition::name_span(analysis, module, index)?;
            let word = raw.keyword.map_or("", Keyword::as_str);
            let name = &text[span.range()];
            let signature = match raw.keyword {
                Some(Keyword::Fn) => {
                    analysis.compiler().function(name).map_or(String::new(), |function| function.detail)
                }
                Some(Keyword::Group | Keyword::Rule | Keyword::Use) | None => String::new(),
                _ if shown == "?" => String::new(),
                _ => format!(": {shown}"),
            };
            code(out, &format!("{word} {name}{signature}"));
            if let Checked::Param(_) = &checked.ir {
                paragraph(out, "A project sets it in `tacit.toml`, below `[params]`.");
            }
        }
    }
    if let Some(doc) = &syntax.doc {
        paragraph(out, &doc.node);
    }
    match &checked.ir {
        Checked::Rule(rule) => {
            paragraph(out, &reach(analysis, rule));
            if !rule.remedy.is_empty() {
                paragraph(out, &format!("Remedy: {}", rule.remedy));
            }
        }
        Checked::View(view) => paragraph(out, &looks_at(analysis, &view.reach)),
        _ => {}
    }
    Some(())
}

/// What a rule can look at, and so what it costs.
fn reach(analysis: &Analysis, rule: &Rule) -> String {
    let mut text = looks_at(analysis, &rule.reach);
    text += if rule.reach.local {
        " Each object is judged alone, while the input streams by."
    } else {
        " Objects are joined: they are kept until the whole input is read."
    };
    if rule.reach.secret_data {
        text += " It reads secret data: a live audit needs `--read-secret-data`.";
    }
    if rule.reach.clock {
        text += " It looks at the clock.";
    }
    text
}

fn looks_at(analysis: &Analysis, reach: &Reach) -> String {
    let schemas = analysis.compiler().schemas();
    let mut names: Vec<&str> = reach.kinds.iter().map(|kind| schemas.kind(*kind).unique_name()).collect();
    names
        .extend(reach.relations.iter().filter_map(|at| relations::ALL.get(*at as usize)).map(|relation| relation.name));
    names.truncate(20);
    format!("Looks at {}.", if names.is_empty() { "no kind".to_owned() } else { names.join(", ") })
}

fn kind(analysis: &Analysis, id: KindId, out: &mut String) {
    let info = analysis.compiler().schemas().kind(id);
    let version = info.versions.first().map(|version| version.api_version()).unwrap_or_default();
    code(out, &format!("kind {} = \"{version}/{}\"", info.unique_name(), info.name));
    let scope = match info.scope {
        Scope::Namespaced => "Lives in a namespace.",
        Scope::Cluster => "Lives once in a cluster.",
        Scope::File => "A file, no object of a cluster.",
    };
    let origin = match info.origin {
        Origin::BuiltIn => "Built into Kubernetes.",
        Origin::Shipped => "Its fields are known to Tacit.",
        Origin::Crd => "Its fields come from a CustomResourceDefinition of the workspace.",
        Origin::Declared => "Its fields are declared by a `kind` item.",
    };
    paragraph(out, &format!("{scope} {origin}"));
    if let Some(text) = analysis.descriptions().kind(info.unique_name()) {
        paragraph(out, text);
    }
    if let Some(doc) = definition::declaration(analysis, info.unique_name())
        .and_then(|place| analysis.compiler().doc_at(&place.module, place.span))
    {
        paragraph(out, &doc);
    }
}

/// What a reserved word means.
fn keyword(analysis: &Analysis, module: &str, offset: u32) -> Option<Hover> {
    let text = analysis.text(module);
    let index = analysis.item_at(module, offset)?;
    let raw = analysis.raw(module)[index];
    let token = lexer::tokens(text, raw.span).find(|token| token.span.touches(offset))?;
    let word = token.text(text);
    let doc = word_doc(word)?;
    Some(Hover { span: token.span, markdown: doc.to_owned() })
}

/// One line on each reserved word.
pub fn word_doc(word: &str) -> Option<&'static str> {
    Some(match word {
        "rule" => "`rule [CODE] name severity \"Title\"`: a requirement.",
        "param" => "`param name: type = value`: a value that projects set.",
        "let" => "`let name = expr`: a name for a value.",
        "fn" => "`fn name(x: type): type = expr`: a pure function.",
        "group" => "`group Name of Kind, Kind [with field = path]`: one name for kinds that share a part.",
        "field" => "`field Kind.name = expr`: a derived field.",
        "link" => "`link Kind.path to Kind`: a reference from one object to another.",
        "view" => "`view Name = from x in Kind where c yield (a: expr)`: a relation.",
        "kind" => "`kind Name = \"group/Kind\"`: a name for a kind, and its fields.",
        "waive" => "`waive RULE for Kind \"namespace/name\" until DATE because \"…\" by \"…\"`: an exception.",
        "test" => "`test RULE \"title\" given \"\"\"…\"\"\" expect …`: a unit test of a rule.",
        "use" => "`use \"path\"`: brings in the names of another file.",
        "for" => "`for x in Kind`: every object, row or element.",
        "where" => "`where expr`: goes on only where it holds.",
        "deny" => "`deny [as severity] [for …] [when expr] [at node] \"message\"`: a finding for each binding.",
        "require" => "`require expr [at node] else \"message\"`: a finding where it does not hold.",
        "undecided" => "`undecided [for …] [when expr] \"reason\"`: says that the input does not carry a verdict.",
        "remedy" => "`remedy \"text\"`: what to do about a finding.",
        "fix" => {
            "`fix set node = expr` or `fix remove node`: an edit that `tacit fix` makes; with `unsafe` behind `fix`, only under `--unsafe`."
        }
        "controls" => "`controls framework \"item\"`: items of a framework that the rule is about.",
        "tags" => "`tags a, b`: words to select rules by.",
        "docs" => "`docs \"url\"`: where to read more.",
        "exists" => "`x exists`: the value is written. A default does not count.",
        "absent" => "`x absent`: the value is not written.",
        "empty" => "`x empty`: missing, `\"\"`, `[]` or `{}`.",
        "dangling" => "`x dangling`: the reference leads to an object that is known not to be there.",
        "any" => "`any x in xs: expr`: true where it holds for one element.",
        "all" => "`all x in xs: expr`: true where it holds for each element.",
        "overlaps" => "`xs overlaps ys`: the lists share an element.",
        "matches" => "`text matches /re/`: the text holds a match of the regular expression.",
        "now" => "`now`: the instant of the run.",
        "given" => "`given [complete] [\"file\"] \"\"\"manifests\"\"\"`: the input of a test.",
        "expect" => "`expect deny|undecided [\"part of the message\"] [at Kind \"name\" path]` or `expect clean`.",
        _ => return None,
    })
}

fn code(out: &mut String, text: &str) {
    let _ = write!(out, "```tacit\n{text}\n```");
}

fn paragraph(out: &mut String, text: &str) {
    if !text.is_empty() {
        let _ = write!(out, "\n\n{text}");
    }
}
