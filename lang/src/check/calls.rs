//! Methods: which one a receiver has, its arguments, its result.

use super::checker::{Checker, expr};
use super::expr::count;
use super::facts::Symbol;
use crate::ast::{self, Ident};
use crate::builtin::methods::{self, Argument, Receiver, Secrecy, Signature};
use crate::codes;
use crate::diag::Diagnostic;
use crate::ir::{Expr, ExprKind};
use crate::span::Span;
use crate::types::{Base, Type};

impl Checker<'_> {
    /// `base.name(args)`
    pub fn method(&mut self, base: Expr, name: &Ident, args: &[ast::Expr], span: Span) -> Expr {
        let args: Vec<Expr> = args.iter().map(|arg| self.expr(arg)).collect();
        if base.ty.is_error() {
            return self.hole(span);
        }
        let found =
            methods::ALL.iter().find(|signature| signature.name == &*name.text && self.receives(signature, &base.ty));
        let Some(signature) = found else { return self.no_method(&base, name) };
        if !signature.call {
            let call = Span::new(name.span.end, span.end);
            return self.fail(
                Diagnostic::error(codes::METHOD_FORM, name.span, format!("`{}` is no call", name.text)).fix(
                    "write it without parentheses",
                    call,
                    "",
                ),
            );
        }
        if args.len() < signature.required || args.len() > signature.params.len() {
            let wanted = signature.params.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            let want = count(signature.params.len(), "argument");
            return self.fail(
                Diagnostic::error(
                    codes::WRONG_ARGUMENTS,
                    span,
                    format!("`{}` takes {want}, not {}", name.text, args.len()),
                )
                .help(format!("`.{}({wanted})`: {}", signature.name, signature.doc)),
            );
        }
        for (arg, (param, want)) in args.iter().zip(signature.params) {
            self.argument(arg, *want, &format!("`{param}` of `{}`", name.text));
        }
        self.apply(base, signature, args, name.span, span)
    }

    /// A method applied to a receiver that it fits.
    pub fn apply(&mut self, base: Expr, signature: &'static Signature, args: Vec<Expr>, at: Span, span: Span) -> Expr {
        let mut ty = self.outcome(signature, &base.ty);
        ty.optional = !signature.false_on_missing && (base.ty.optional || signature.partial);
        let mut secret = base.ty.confidential;
        if signature.secrecy == Secrecy::Inherit {
            secret |= args.iter().any(|arg| arg.ty.confidential);
            if let (Base::List(element) | Base::Map(element), Base::List(_) | Base::String(_)) =
                (&base.ty.base, &ty.base)
            {
                // `.join` makes a text of the elements; `.values` and `.distinct` keep their own marks.
                secret |= element.confidential && !matches!(ty.base, Base::List(_));
            }
            ty.confidential |= secret;
        } else {
            ty.confidential = false;
        }
        self.fact(at, Symbol::Method(signature.method), &ty);
        self.narrowed(expr(ExprKind::Method { base, method: signature.method, args }, ty, span))
    }

    fn argument(&mut self, arg: &Expr, want: Argument, what: &str) {
        let want = match want {
            Argument::Pattern if arg.ty.base == Base::Regex => return,
            Argument::String | Argument::Pattern => Type::string(),
            Argument::Int => Type::of(Base::Int),
            Argument::Labels => Type::map(Type::string()),
            Argument::Object => {
                if !self.env.places.links(&arg.ty.places).is_empty() {
                    if arg.ty.optional {
                        self.report_missing(arg, &format!("{what} must be present"));
                    }
                    return;
                }
                Type::of(Base::Object(std::sync::Arc::from([])))
            }
        };
        // What a method tells of secret material is marked by its result, so arguments may be confidential.
        self.expect(arg, &want.confidential(true), what);
    }

    /// True where the method can be called on the type.
    pub fn receives(&self, signature: &Signature, ty: &Type) -> bool {
        signature.receivers.iter().any(|receiver| match (receiver, &ty.base) {
            (Receiver::String, Base::String(_))
            | (Receiver::Bytes, Base::Bytes)
            | (Receiver::Int, Base::Int)
            | (Receiver::Bool, Base::Bool)
            | (Receiver::Duration, Base::Duration)
            | (Receiver::Time, Base::Time)
            | (Receiver::List, Base::List(_))
            | (Receiver::Map, Base::Map(_))
            | (Receiver::Object, Base::Object(_)) => true,
            (Receiver::StringList, Base::List(element)) => {
                matches!(element.base, Base::String(_) | Base::Error)
            }
            (Receiver::Struct(name), Base::Struct(types)) => types
                .iter()
                .all(|id| self.is_receiver(signature, self.env.schemas.type_info(*id).name.as_deref(), name)),
            (Receiver::Row(name), Base::Row(row)) => *row.name == **name,
            _ => false,
        })
    }

    /// A value of several types is received where each of them is.
    fn is_receiver(&self, signature: &Signature, have: Option<&str>, name: &str) -> bool {
        have == Some(name)
            || signature
                .receivers
                .iter()
                .any(|receiver| matches!(receiver, Receiver::Struct(other) if have == Some(other)))
    }

    fn no_method(&mut self, base: &Expr, name: &Ident) -> Expr {
        let shown = self.show(&base.ty.clone().present());
        let error =
            Diagnostic::error(codes::UNKNOWN_METHOD, name.span, format!("a `{shown}` has no method `{}`", name.text));
        let same_name: Vec<&Signature> = methods::ALL.iter().filter(|other| other.name == &*name.text).collect();
        if base.ty.base == Base::Any && !same_name.is_empty() {
            return self.fail(error.fix("say what it is", Span::at(base.span.end), " as string"));
        }
        if let (Base::List(element), false) = (&base.ty.base, same_name.is_empty()) {
            let element = element.as_ref().clone();
            if same_name.iter().any(|signature| self.receives(signature, &element)) {
                return self.fail(error.fix("call it on each element", Span::at(base.span.end), "[]"));
            }
        }
        let fits = methods::ALL.iter().filter(|other| self.receives(other, &base.ty)).map(|other| other.name);
        let nearest = crate::schema::nearest(&name.text, fits).map(str::to_string);
        let call = name.span;
        self.fail(match nearest {
            Some(nearest) if nearest != *name.text => error.fix(format!("did you mean `{nearest}`?"), call, nearest),
            _ => match same_name.first() {
                Some(signature) => error.help(format!("it is called on {}", receivers(signature))),
                None => error,
            },
        })
    }
}

/// `a string or bytes`.
fn receivers(signature: &Signature) -> String {
    let words: Vec<String> = signature
        .receivers
        .iter()
        .map(|receiver| match receiver {
            Receiver::String => "a string".into(),
            Receiver::Bytes => "bytes".into(),
            Receiver::Int => "an int".into(),
            Receiver::Bool => "a bool".into(),
            Receiver::Duration => "a duration".into(),
            Receiver::Time => "a time".into(),
            Receiver::List => "a list".into(),
            Receiver::StringList => "a list of strings".into(),
            Receiver::Map => "a map".into(),
            Receiver::Object => "an object".into(),
            Receiver::Struct(name) | Receiver::Row(name) => format!("a `{name}`"),
        })
        .collect();
    words.join(" or ")
}
