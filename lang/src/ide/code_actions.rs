//! Changes that an editor offers: what diagnostics propose, and rewritings of what is selected.

use super::{Analysis, nodes};
use crate::ast::{ClauseKind, Expr, ExprKind, ItemKind};
use crate::check::{Checked, Symbol};
use crate::codes;
use crate::diag::{Diagnostic, TextEdit};
use crate::lexer::{self, Keyword, TokenKind};
use crate::span::Span;
use crate::types::{Base, Type};

/// What sort of change an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// It mends a diagnostic.
    QuickFix,
    /// It takes a part out.
    Extract,
    /// It puts a part in the place of its name.
    Inline,
    /// It writes what is missing.
    Rewrite,
    /// It mends all diagnostics of a file that propose an edit.
    FixAll,
    /// It sorts `use` items.
    Organize,
}

/// A change that is offered.
#[derive(Clone, Debug)]
pub struct Action {
    /// What it does.
    pub title: String,
    /// What sort of change it is.
    pub kind: ActionKind,
    /// The edits, in one module.
    pub edits: Vec<TextEdit>,
    /// The diagnostic that it mends.
    pub diagnostic: Option<Diagnostic>,
    /// It is what most authors want.
    pub preferred: bool,
}

/// The changes that fit a selection.
pub fn code_actions(analysis: &Analysis, module: &str, range: Span) -> Vec<Action> {
    let mut actions = Vec::new();
    for diagnostic in analysis.diagnostics(module) {
        if diagnostic.span.start <= range.end && range.start <= diagnostic.span.end {
            fixes(analysis, module, &diagnostic, &mut actions);
        }
    }
    let Some(index) = analysis.item_at(module, range.start) else { return actions };
    let raw = analysis.raw(module)[index];
    if raw.keyword == Some(Keyword::Rule) {
        missing_parts(analysis, module, index, &mut actions);
    }
    if range.is_empty() {
        inline(analysis, module, index, range.start, &mut actions);
    } else {
        extract(analysis, module, index, range, &mut actions);
    }
    actions
}

/// All edits that the diagnostics of a module propose, without those that overlap.
pub fn fix_all(analysis: &Analysis, module: &str) -> Vec<TextEdit> {
    let mut edits: Vec<TextEdit> = Vec::new();
    for diagnostic in analysis.diagnostics(module) {
        let Some(help) = diagnostic.help else { continue };
        let free = |edit: &TextEdit| {
            edits.iter().all(|other| edit.span.end < other.span.start || other.span.end < edit.span.start)
        };
        if !help.edits.is_empty() && help.edits.iter().all(free) {
            edits.extend(help.edits);
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    edits
}

/// The edits that sort the `use` items of a module and drop those that stand twice.
pub fn organize_uses(analysis: &Analysis, module: &str) -> Vec<TextEdit> {
    let text = analysis.text(module);
    let uses: Vec<Span> =
        analysis.raw(module).iter().filter(|raw| raw.keyword == Some(Keyword::Use)).map(|raw| raw.span).collect();
    let written: Vec<&str> = uses.iter().map(|span| &text[span.range()]).collect();
    let mut sorted = written.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted == written {
        return Vec::new();
    }
    uses.iter()
        .enumerate()
        .map(|(at, span)| match sorted.get(at) {
            Some(line) => TextEdit { span: *span, text: (*line).to_owned() },
            None => {
                let end = text[span.end as usize..].find('\n').map_or(text.len() as u32, |at| span.end + at as u32 + 1);
                TextEdit { span: Span::new(span.start, end), text: String::new() }
            }
        })
        .filter(|edit| text[edit.span.range()] != edit.text)
        .collect()
}

fn fixes(analysis: &Analysis, module: &str, diagnostic: &Diagnostic, actions: &mut Vec<Action>) {
    if let Some(help) = &diagnostic.help
        && !help.edits.is_empty()
    {
        actions.push(Action {
            title: help.message.clone(),
            kind: ActionKind::QuickFix,
            edits: help.edits.clone(),
            diagnostic: Some(diagnostic.clone()),
            preferred: true,
        });
    }
    let mut offer = |title: String, edit: TextEdit| {
        actions.push(Action {
            title,
            kind: ActionKind::QuickFix,
            edits: vec![edit],
            diagnostic: Some(diagnostic.clone()),
            preferred: false,
        });
    };
    if diagnostic.code == codes::MISSING_VALUE || diagnostic.code == codes::MISSING_CONDITION {
        let Some(index) = analysis.item_at(module, diagnostic.span.start) else { return };
        let Some(item) = analysis.item(module, index) else { return };
        let text = analysis.text(module);
        let written = &text[diagnostic.span.range()];
        let ty = item.facts.iter().rfind(|fact| fact.span.end == diagnostic.span.end).map(|fact| fact.ty.clone());
        if let Some(default) = ty.as_ref().and_then(default_of) {
            let end = Span::at(diagnostic.span.end);
            offer(format!("give a default: `?? {default}`"), TextEdit { span: end, text: format!(" ?? {default}") });
        }
        if let Some(clause) = clause_start(analysis, module, index, diagnostic.span.start) {
            let indent = indentation(text, clause);
            offer(
                format!("go on only where it is there: `where {written} exists`"),
                TextEdit { span: Span::at(clause), text: format!("where {written} exists\n{indent}") },
            );
        }
    }
    if diagnostic.code == codes::UNUSED_NAME {
        offer("mark it as unused".to_owned(), TextEdit { span: Span::at(diagnostic.span.start), text: "_".to_owned() });
    }
}

/// What stands for a missing value of a type.
fn default_of(ty: &Type) -> Option<&'static str> {
    Some(match &ty.base {
        Base::String(_) => "\"\"",
        Base::Int | Base::Number => "0",
        Base::Bool => "false",
        Base::Duration => "0s",
        Base::List(_) => "[]",
        _ => return None,
    })
}

/// The start of the clause of a rule that holds an offset.
fn clause_start(analysis: &Analysis, module: &str, index: usize, offset: u32) -> Option<u32> {
    let item = analysis.syntax(module, index)?;
    let ItemKind::Rule(rule) = &item.kind else { return None };
    rule.clauses.iter().find(|clause| clause.span.touches(offset)).map(|clause| clause.span.start)
}

fn indentation(text: &str, offset: u32) -> &str {
    let start = text[..offset as usize].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..offset as usize];
    if line.trim().is_empty() { line } else { "  " }
}

/// A test, remedy or documentation that a rule lacks.
fn missing_parts(analysis: &Analysis, module: &str, index: usize, actions: &mut Vec<Action>) {
    let Some(item) = analysis.syntax(module, index) else { return };
    let ItemKind::Rule(rule) = &item.kind else { return };
    let mut offer = |title: &str, offset: u32, text: String| {
        actions.push(Action {
            title: title.to_owned(),
            kind: ActionKind::Rewrite,
            edits: vec![TextEdit { span: Span::at(offset), text }],
            diagnostic: None,
            preferred: false,
        });
    };
    let end = item.span.end;
    if !rule.clauses.iter().any(|clause| matches!(clause.kind, ClauseKind::Remedy(_))) {
        offer("add a remedy", end, "\n  remedy \"…\"".to_owned());
    }
    if item.doc.is_none() {
        offer("add documentation", item.span.start, "/// …\n".to_owned());
    }
    let id = rule.code.as_ref().unwrap_or(&rule.name);
    let (kind, version) = sample(analysis, module, index);
    let manifest = format!("    apiVersion: {version}\n    kind: {kind}\n    metadata: {{ name: x }}");
    offer(
        "add a test",
        end,
        format!("\n\ntest {} \"…\"\n  given \"\"\"\n{manifest}\n  \"\"\"\n  expect clean", id.text),
    );
}

/// Kind and version of an object that a rule looks at.
fn sample(analysis: &Analysis, module: &str, index: usize) -> (String, String) {
    let schemas = analysis.compiler().schemas();
    let kind = analysis.item(module, index).and_then(|item| match &item.ir {
        Checked::Rule(rule) => {
            let pod = |kind: &&crate::schema::KindId| &*schemas.kind(**kind).name == "Pod";
            rule.reach.primary.iter().find(pod).or(rule.reach.primary.first()).copied()
        }
        _ => None,
    });
    match kind {
        Some(kind) => {
            let info = schemas.kind(kind);
            let version = info.versions.first().map(|version| version.api_version()).unwrap_or_default();
            (info.name.to_string(), version)
        }
        None => ("Pod".to_owned(), "v1".to_owned()),
    }
}

/// Takes the selected expression out into a `let` clause or a function.
fn extract(analysis: &Analysis, module: &str, index: usize, range: Span, actions: &mut Vec<Action>) {
    let text = analysis.text(module);
    let selected = &text[range.range()];
    let trimmed = selected.trim();
    let start = range.start + (selected.len() - selected.trim_start().len()) as u32;
    let span = Span::new(start, start + trimmed.len() as u32);
    let Some(item) = analysis.syntax(module, index) else { return };
    let mut is_expr = false;
    nodes::each_expr(&item, &mut |e: &Expr| is_expr |= e.span == span);
    if !is_expr {
        return;
    }
    let mut offer = |title: &str, edits: Vec<TextEdit>| {
        actions.push(Action {
            title: title.to_owned(),
            kind: ActionKind::Extract,
            edits,
            diagnostic: None,
            preferred: false,
        });
    };
    let name = free_name(analysis, module, index);
    let replace = |with: String| TextEdit { span, text: with };
    if let Some(clause) = clause_start(analysis, module, index, span.start)
        && introduced_before(analysis, module, index, span, clause)
    {
        let indent = indentation(text, clause);
        let insert = TextEdit { span: Span::at(clause), text: format!("let {name} = {trimmed}\n{indent}") };
        offer(&format!("extract into `let {name}`"), vec![insert, replace(name.clone())]);
    }
    if let Some((params, args)) = variables_in(analysis, module, index, span) {
        let result = type_at(analysis, module, index, span).unwrap_or_else(|| "bool".to_owned());
        let declared = params.join(", ");
        let top = analysis.raw(module)[index];
        let at = top.doc_span.map_or(top.span.start, |doc| doc.start);
        let insert = TextEdit { span: Span::at(at), text: format!("fn {name}({declared}): {result} = {trimmed}\n\n") };
        offer(&format!("extract into `fn {name}`"), vec![insert, replace(format!("{name}({})", args.join(", ")))]);
    }
}

/// True where all variables of an expression are introduced before the clause.
fn introduced_before(analysis: &Analysis, module: &str, index: usize, span: Span, clause: u32) -> bool {
    analysis.item(module, index).is_some_and(|item| {
        item.facts.iter().filter(|fact| span.contains(fact.span)).all(|fact| match fact.what {
            Symbol::Variable { def } => def.start < clause || span.contains(def),
            _ => true,
        })
    })
}

/// The variables that an expression uses: as parameters and as arguments.
fn variables_in(analysis: &Analysis, module: &str, index: usize, span: Span) -> Option<(Vec<String>, Vec<String>)> {
    let item = analysis.item(module, index)?;
    let text = analysis.text(module);
    let (mut params, mut args): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for fact in item.facts.iter().filter(|fact| span.contains(fact.span)) {
        let Symbol::Variable { def } = fact.what else { continue };
        let name = text[fact.span.range()].to_owned();
        if span.contains(def) || args.contains(&name) {
            continue;
        }
        let shown = writable(analysis, &fact.ty)?;
        params.push(format!("{name}: {shown}"));
        args.push(name);
    }
    Some((params, args))
}

fn type_at(analysis: &Analysis, module: &str, index: usize, span: Span) -> Option<String> {
    let item = analysis.item(module, index)?;
    let fact = item.facts.iter().rfind(|fact| fact.span.end == span.end && span.contains(fact.span))?;
    writable(analysis, &fact.ty)
}

/// A type as a rule file can write it; nothing for those that have no name.
fn writable(analysis: &Analysis, ty: &Type) -> Option<String> {
    let shown = analysis.compiler().show(ty);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '<' | '>' | '?' | ' ' | '.' | '[' | ']');
    (shown.chars().all(plain) && !shown.contains(" enumeration") && shown != "?").then_some(shown)
}

fn free_name(analysis: &Analysis, module: &str, index: usize) -> String {
    let raw = analysis.raw(module)[index];
    let text = analysis.text(module);
    let taken = |name: &str| lexer::tokens(text, raw.span).any(|token| token.text(text) == name);
    (1..)
        .map(|n| if n == 1 { "value".to_owned() } else { format!("value{n}") })
        .find(|name| !taken(name))
        .unwrap_or_default()
}

/// Puts the value of a `let` clause in the place of its name.
fn inline(analysis: &Analysis, module: &str, index: usize, offset: u32, actions: &mut Vec<Action>) {
    let Some(item) = analysis.syntax(module, index) else { return };
    let ItemKind::Rule(rule) = &item.kind else { return };
    let Some(checked) = analysis.item(module, index) else { return };
    let text = analysis.text(module);
    let Some(def) = checked.facts.iter().find_map(|fact| match fact.what {
        Symbol::Variable { def } if fact.span.touches(offset) => Some(def),
        _ => None,
    }) else {
        return;
    };
    let found = rule.clauses.iter().find_map(|clause| match &clause.kind {
        ClauseKind::Let { name, value } if name.span == def => Some((clause.span, value)),
        _ => None,
    });
    let Some((clause, value)) = found else { return };
    let written = &text[value.span.start as usize..clause.end as usize];
    let with = if is_chain(value) { written.to_owned() } else { format!("({written})") };
    let mut edits: Vec<TextEdit> = checked
        .facts
        .iter()
        .filter(|fact| fact.what == (Symbol::Variable { def }) && fact.span != def)
        .map(|fact| TextEdit { span: fact.span, text: with.clone() })
        .collect();
    edits.dedup();
    // In a text `{x}` becomes `{value}`, which has no parentheses to lose.
    let in_text = lexer::tokens(text, item.span).any(|token| {
        matches!(token.kind, TokenKind::Text { .. }) && edits.iter().any(|edit| token.span.contains(edit.span))
    });
    if in_text && written.contains('"') {
        return;
    }
    let line_end = text[clause.end as usize..].find('\n').map_or(clause.end, |at| clause.end + at as u32 + 1);
    let line_start = text[..clause.start as usize].rfind('\n').map_or(0, |at| at + 1) as u32;
    let whole_line = text[line_start as usize..clause.start as usize].trim().is_empty()
        && text[clause.end as usize..line_end as usize].trim().is_empty();
    let gone = if whole_line { Span::new(line_start, line_end) } else { clause };
    edits.insert(0, TextEdit { span: gone, text: String::new() });
    let name = &text[def.range()];
    actions.push(Action {
        title: format!("inline `{name}`"),
        kind: ActionKind::Inline,
        edits,
        diagnostic: None,
        preferred: false,
    });
}

fn is_chain(e: &Expr) -> bool {
    matches!(
        &*e.kind,
        ExprKind::Name(_)
            | ExprKind::Field { .. }
            | ExprKind::Index { .. }
            | ExprKind::Each { .. }
            | ExprKind::Follow { .. }
            | ExprKind::Call { .. }
            | ExprKind::Method { .. }
            | ExprKind::Int(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::List(_)
            | ExprKind::Comprehension { .. }
    )
}
