//! Items but for their clauses, and the paths and types in them.

use super::Reader;
use crate::ast::*;
use crate::span::Span;

impl Reader<'_> {
    pub(super) fn rule(&mut self) -> Option<Rule> {
        let first = self.label(0)?;
        let (code, name) = if first.text.contains('-') { (None, first) } else { (Some(first), self.label(1)?) };
        let severity = self.severity()?;
        let title = self.literal()?;
        let mut clauses = Vec::new();
        while self.start() < self.text.len() {
            clauses.push(self.clause()?);
        }
        Some(Rule { code, name, severity, title, clauses, dropped: false })
    }

    pub(super) fn param(&mut self) -> Option<ItemKind> {
        let name = self.name()?;
        self.sign(b':')?;
        let ty = self.ty()?;
        self.equals()?;
        Some(ItemKind::Param(Param { name, ty, value: self.expr()? }))
    }

    /// `name = value`
    pub(super) fn definition(&mut self) -> Option<(Ident, Expr)> {
        let name = self.name()?;
        self.equals()?;
        Some((name, self.expr()?))
    }

    pub(super) fn function(&mut self) -> Option<ItemKind> {
        let name = self.name()?;
        self.sign(b'(')?;
        let params = self.listed(b')', |reader| {
            let name = reader.name()?;
            reader.sign(b':')?;
            Some((name, reader.ty()?))
        })?;
        self.sign(b':')?;
        let result = self.ty()?;
        self.equals()?;
        Some(ItemKind::Fn(FnItem { name, params, result, body: self.expr()? }))
    }

    pub(super) fn group(&mut self) -> Option<ItemKind> {
        let name = self.name()?;
        self.keyword("of")?;
        let members = self.several(Self::name)?;
        let with = if self.takes("with") { self.assigns()? } else { Vec::new() };
        Some(ItemKind::Group(Group { name, members, with }))
    }

    pub(super) fn field(&mut self) -> Option<ItemKind> {
        let owner = self.name()?;
        self.sign(b'.')?;
        let name = self.word()?;
        self.equals()?;
        Some(ItemKind::Field(FieldItem { owner, name, value: self.expr()? }))
    }

    pub(super) fn link(&mut self) -> Option<ItemKind> {
        let owner = self.name()?;
        let path = self.path(false)?;
        self.keyword("to")?;
        let mut targets = vec![self.name()?];
        while self.takes_bar() {
            targets.push(self.name()?);
        }
        let by = if self.takes("by") { self.assigns()? } else { Vec::new() };
        Some(ItemKind::Link(Link { owner, path, targets, by }))
    }

    pub(super) fn view(&mut self) -> Option<ItemKind> {
        let name = self.name()?;
        self.equals()?;
        let mut branches = Vec::new();
        loop {
            let start = self.start();
            if !self.takes("from") {
                break;
            }
            let generators = self.several(Self::generator)?;
            let condition = if self.takes("where") { Some(self.expr()?) } else { None };
            let mut columns = Vec::new();
            if self.takes("yield") {
                self.sign(b'(')?;
                columns = self.listed(b')', |reader| {
                    let name = reader.word()?;
                    reader.sign(b':')?;
                    Some((name, reader.expr()?))
                })?;
                if columns.is_empty() {
                    return None;
                }
            }
            branches.push(ViewBranch { generators, condition, columns, span: self.since(start) });
        }
        (!branches.is_empty()).then_some(ItemKind::View(View { name, branches }))
    }

    pub(super) fn kind(&mut self) -> Option<ItemKind> {
        let name = self.name()?;
        self.equals()?;
        let target = self.literal()?;
        let mut fields = Vec::new();
        while self.start() < self.text.len() {
            let path = self.path(true)?;
            self.sign(b':')?;
            fields.push((path, self.ty()?));
        }
        Some(ItemKind::Kind(KindItem { name, target, fields }))
    }

    /// `name = value, …`
    fn assigns(&mut self) -> Option<Vec<(Ident, Expr)>> {
        self.several(|reader| {
            let name = reader.word()?;
            reader.equals()?;
            Some((name, reader.expr()?))
        })
    }

    /// `.a[]["b"][0]`, behind a first word where one belongs to it.
    fn path(&mut self, word_first: bool) -> Option<Path> {
        let start = self.start();
        let mut steps = Vec::new();
        if word_first {
            let word = self.word()?;
            steps.push((PathStep::Field(word.text), word.span));
        }
        loop {
            let at = self.start();
            if self.takes_sign(b'.') {
                let word = self.word()?;
                steps.push((PathStep::Field(word.text), word.span));
            } else if self.takes_sign(b'[') {
                let step = if self.next_is(b']') {
                    PathStep::Each
                } else if let Some(number) = self.number() {
                    let ExprKind::Int(index) = number else { return None };
                    PathStep::Index(u32::try_from(index).unwrap_or(u32::MAX))
                } else {
                    PathStep::Field(self.literal()?.value)
                };
                self.sign(b']')?;
                steps.push((step, self.since(at)));
            } else {
                break;
            }
        }
        (!steps.is_empty()).then(|| Path { span: self.since(start), steps })
    }

    pub(super) fn ty(&mut self) -> Option<TypeExpr> {
        self.nested(Self::ty_inside)
    }

    fn ty_inside(&mut self) -> Option<TypeExpr> {
        let start = self.start();
        let confidential = self.takes("confidential");
        let base = self.start();
        let word = self.peek()?;
        let kind = match word {
            "list" | "map" => {
                self.advance(word.len());
                self.sign(b'<')?;
                let inner = Box::new(self.ty()?);
                self.sign(b'>')?;
                if word == "list" { TypeExprKind::List(inner) } else { TypeExprKind::Map(inner) }
            }
            "string" | "int" | "number" | "bool" | "duration" | "time" | "bytes" | "any" => {
                TypeExprKind::Name(self.word()?.text)
            }
            _ => {
                let owner = self.name()?;
                match self.type_path()? {
                    Some(path) => TypeExprKind::At { owner, path },
                    None => TypeExprKind::Name(owner.text),
                }
            }
        };
        let base = self.since(base);
        let mut ty = TypeExpr { span: base, kind };
        if self.next_is(b'?') && self.rest().get(1) != Some(&b'?') {
            self.advance(1);
            ty = TypeExpr { span: base.to(Span::at(self.last as u32)), kind: TypeExprKind::Optional(Box::new(ty)) };
        }
        if confidential {
            ty = TypeExpr { span: self.since(start), kind: TypeExprKind::Confidential(Box::new(ty)) };
        }
        Some(ty)
    }

    /// The steps behind a kind. One that is called is a method of the value, after `as Type`.
    fn type_path(&mut self) -> Option<Option<Path>> {
        let start = self.start();
        let mut steps = Vec::new();
        loop {
            let (at, last) = (self.start(), self.last);
            if self.takes_sign(b'.') {
                let word = self.word()?;
                if self.next_is(b'(') {
                    (self.at, self.last) = (at, last);
                    break;
                }
                steps.push((PathStep::Field(word.text), word.span));
            } else if !steps.is_empty() && self.takes_sign(b'[') {
                if !self.takes_sign(b']') {
                    (self.at, self.last) = (at, last);
                    break;
                }
                steps.push((PathStep::Each, self.since(at)));
            } else {
                break;
            }
        }
        Some((!steps.is_empty()).then(|| Path { span: self.since(start), steps }))
    }
}
