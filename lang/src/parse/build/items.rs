//! Items other than their clauses.

use super::super::grammar::{Pair, Rule, parts};
use super::Builder;
use crate::ast::*;
use crate::codes;
use crate::diag::Diagnostic;
use crate::span::{Span, Spanned};

impl Builder<'_> {
    /// The item that `pair` is.
    pub fn item(&mut self, pair: Pair<'_>) -> Option<ItemKind> {
        let rule = pair.as_rule();
        let mut inner = parts(pair);
        Some(match rule {
            Rule::rule_item => ItemKind::Rule(Box::new(self.rule(inner)?)),
            Rule::param_item => ItemKind::Param(Param {
                name: self.ident(&inner.next()?),
                ty: self.ty(inner.next()?)?,
                value: self.expr(inner.next()?),
            }),
            Rule::let_item => {
                ItemKind::Let(LetItem { name: self.ident(&inner.next()?), value: self.expr(inner.next()?) })
            }
            Rule::fn_item => ItemKind::Fn(self.function(inner)?),
            Rule::group_item => ItemKind::Group(self.group(inner)?),
            Rule::field_item => ItemKind::Field(FieldItem {
                owner: self.ident(&inner.next()?),
                name: self.ident(&inner.next()?),
                value: self.expr(inner.next()?),
            }),
            Rule::link_item => ItemKind::Link(self.link(inner)?),
            Rule::view_item => {
                let name = self.ident(&inner.next()?);
                let mut branches = Vec::new();
                for branch in inner {
                    branches.push(self.view_branch(branch)?);
                }
                ItemKind::View(View { name, branches })
            }
            Rule::kind_item => {
                let name = self.ident(&inner.next()?);
                let target = self.text(inner.next()?);
                let mut fields = Vec::new();
                for field in inner {
                    let mut field = parts(field);
                    fields.push((self.path(field.next()?), self.ty(field.next()?)?));
                }
                ItemKind::Kind(KindItem { name, target, fields })
            }
            Rule::waive_item => ItemKind::Waive(Waive {
                rule: self.ident(&inner.next()?),
                kind: self.ident(&inner.next()?),
                object: self.text(inner.next()?),
                until: self.waive_date(inner.next()?),
                because: self.text(inner.next()?),
                by: self.text(inner.next()?),
            }),
            Rule::test_item => {
                let (rule, title) = self.test_head(inner.next()?)?;
                let mut test = Test { rule, title, now: None, with: vec![], given: vec![], expect: vec![] };
                for part in inner {
                    self.test_part(part, &mut test);
                }
                ItemKind::Test(test)
            }
            Rule::use_item => ItemKind::Use(Use { path: self.text(inner.next()?) }),
            Rule::edition_item => {
                let int = inner.next()?;
                let span = self.span(&int);
                ItemKind::Edition(Edition { number: Spanned::new(self.int(&int).unwrap_or(0), span) })
            }
            _ => return None,
        })
    }

    fn rule<'i>(&mut self, mut inner: impl Iterator<Item = Pair<'i>>) -> Option<crate::ast::Rule> {
        let mut rule = self.rule_head(inner.next()?)?;
        for clause in inner {
            match self.clause(clause) {
                Some(clause) => rule.clauses.push(clause),
                None => rule.dropped = true,
            }
        }
        Some(rule)
    }

    /// Code, name, severity and title; no clauses yet.
    pub fn rule_head(&mut self, pair: Pair<'_>) -> Option<crate::ast::Rule> {
        let mut inner = parts(pair);
        let mut first = inner.next()?;
        let code = if first.as_rule() == Rule::code {
            let code = self.ident(&first);
            first = inner.next()?;
            Some(code)
        } else {
            None
        };
        let name = self.ident(&first);
        let severity = self.severity(&inner.next()?)?;
        let title = self.text(inner.next()?);
        Some(crate::ast::Rule { code, name, severity, title, clauses: Vec::new(), dropped: false })
    }

    pub(super) fn severity(&self, pair: &Pair<'_>) -> Option<Spanned<Severity>> {
        Some(Spanned::new(Severity::parse(pair.as_str())?, self.span(pair)))
    }

    fn function<'i>(&mut self, inner: impl Iterator<Item = Pair<'i>>) -> Option<FnItem> {
        let (mut name, mut params, mut result, mut body) = (None, Vec::new(), None, None);
        for part in inner {
            match part.as_rule() {
                Rule::name => name = Some(self.ident(&part)),
                Rule::fn_param => {
                    let mut param = parts(part);
                    params.push((self.ident(&param.next()?), self.ty(param.next()?)?));
                }
                Rule::ty => result = Some(self.ty(part)?),
                _ => body = Some(self.expr(part)),
            }
        }
        Some(FnItem { name: name?, params, result: result?, body: body? })
    }

    fn group<'i>(&mut self, mut inner: impl Iterator<Item = Pair<'i>>) -> Option<Group> {
        let mut group = Group { name: self.ident(&inner.next()?), members: Vec::new(), with: Vec::new() };
        for part in inner {
            match part.as_rule() {
                Rule::assigns => group.with = self.assigns(part),
                _ => group.members.push(self.ident(&part)),
            }
        }
        Some(group)
    }

    fn link<'i>(&mut self, mut inner: impl Iterator<Item = Pair<'i>>) -> Option<Link> {
        let owner = self.ident(&inner.next()?);
        let path = self.path(inner.next()?);
        let mut link = Link { owner, path, targets: Vec::new(), by: Vec::new() };
        for part in inner {
            match part.as_rule() {
                Rule::assigns => link.by = self.assigns(part),
                _ => link.targets.push(self.ident(&part)),
            }
        }
        Some(link)
    }

    fn view_branch(&mut self, pair: Pair<'_>) -> Option<ViewBranch> {
        let span = self.span(&pair);
        let mut branch = ViewBranch { generators: Vec::new(), condition: None, columns: Vec::new(), span };
        for part in parts(pair) {
            match part.as_rule() {
                Rule::generators => branch.generators = self.generators(part),
                Rule::where_part => branch.condition = Some(self.expr(parts(part).next()?)),
                Rule::yield_part => {
                    for column in parts(part) {
                        let mut column = parts(column);
                        branch.columns.push((self.ident(&column.next()?), self.expr(column.next()?)));
                    }
                }
                _ => {}
            }
        }
        Some(branch)
    }

    /// `name = value, …`
    pub(super) fn assigns(&mut self, pair: Pair<'_>) -> Vec<(Ident, Expr)> {
        let mut all = Vec::new();
        for assign in parts(pair) {
            let mut assign = parts(assign);
            if let (Some(name), Some(value)) = (assign.next(), assign.next()) {
                all.push((self.ident(&name), self.expr(value)));
            }
        }
        all
    }

    fn waive_date(&mut self, pair: Pair<'_>) -> Spanned<i64> {
        let span = self.span(&pair);
        if pair.as_str().len() > "2027-03-01".len() {
            let day = pair.as_str().get(..10).unwrap_or_default().to_owned();
            self.diagnostics.push(
                Diagnostic::error(codes::NUMBER, span, "a waiver ends with a day, without a time of day").fix(
                    "leave the time out",
                    span,
                    day,
                ),
            );
        }
        Spanned::new(self.time(&pair).unwrap_or(0), span)
    }

    /// The rule and the title of a test.
    pub fn test_head(&mut self, pair: Pair<'_>) -> Option<(Ident, Text)> {
        let mut inner = parts(pair);
        Some((self.ident(&inner.next()?), self.text(inner.next()?)))
    }

    /// Adds one `now`, `with`, `given` or `expect` to a test.
    pub fn test_part(&mut self, pair: Pair<'_>, test: &mut Test) -> Option<()> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut inner = parts(pair);
        match rule {
            Rule::now_part => test.now = Some(self.expr(inner.next()?)),
            Rule::with_part => test.with.extend(self.assigns(inner.next()?)),
            Rule::given_part => {
                let mut complete = None;
                let mut texts = Vec::new();
                for part in inner {
                    match part.as_rule() {
                        Rule::complete => complete = Some(self.span(&part)),
                        _ => texts.push(self.text(part)),
                    }
                }
                let text = texts.pop()?;
                test.given.push(Given { span, complete, file: texts.pop(), text });
            }
            Rule::expect_part => {
                let expect = self.expect_part(span, inner)?;
                test.expect.push(expect);
            }
            _ => return None,
        }
        Some(())
    }

    fn expect_part<'i>(&mut self, span: Span, mut inner: impl Iterator<Item = Pair<'i>>) -> Option<Expect> {
        let word = inner.next()?;
        let verdict = match word.as_str() {
            "deny" => ExpectVerdict::Deny,
            "undecided" => ExpectVerdict::Undecided,
            "clean" => ExpectVerdict::Clean,
            _ => return None,
        };
        let mut expect = Expect { span, verdict: Spanned::new(verdict, self.span(&word)), message: None, at: None };
        for part in inner {
            match part.as_rule() {
                Rule::text => expect.message = Some(self.text(part)),
                Rule::expect_at => {
                    let mut at = parts(part);
                    let kind = self.ident(&at.next()?);
                    let object = self.text(at.next()?);
                    let path = at.next().map(|path| self.path(path));
                    expect.at = Some(ExpectAt { kind, object, path });
                }
                _ => {}
            }
        }
        Some(expect)
    }
}
