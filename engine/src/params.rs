//! Values of params that a project or the command line sets, read by the type that the rule gives them.

use tacit_lang::check::parse_param_value;
use tacit_lang::ir::{Const, Id, Param};
use tacit_lang::schema::nearest;
use tacit_lang::types::{Base, Type};

use crate::config::Setting;

/// Reads settings against the params of a program. Every error is told.
pub fn read(params: &[Param], settings: &[(String, Setting)]) -> (Vec<(Id, Const)>, Vec<String>) {
    let mut values = Vec::new();
    let mut problems = Vec::new();
    for (name, setting) in settings {
        let Some(at) = params.iter().position(|param| *param.name == **name) else {
            let help = match nearest(name, params.iter().map(|param| &*param.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`tacit rules --params` lists them".to_owned(),
            };
            problems.push(format!("there is no param `{name}`: {help}"));
            continue;
        };
        match constant(&params[at].ty, setting) {
            Ok(value) => values.push((Id(at as u32), value)),
            Err(problem) => problems.push(format!("the param `{name}`: {problem}")),
        }
    }
    (values, problems)
}

/// Reads a value by its type.
fn constant(ty: &Type, setting: &Setting) -> Result<Const, String> {
    match (&ty.base, setting) {
        (Base::List(element), Setting::Many(items)) => {
            items.iter().map(|item| parse_param_value(element, item)).collect::<Result<_, _>>().map(Const::List)
        }
        (_, Setting::Many(_)) => Err(format!("it is one `{ty}`, not a list")),
        (_, Setting::One(text)) => parse_param_value(ty, text),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::time;

    fn param(name: &str, base: Base) -> Param {
        Param {
            name: name.into(),
            ty: Type::of(base),
            default: Const::Int(0),
            doc: "".into(),
            module: "m".into(),
            span: tacit_lang::span::Span::at(0),
        }
    }

    #[test]
    fn values_are_read_by_type() {
        let params = [param("max_age", Base::Duration), param("names", Base::List(Arc::new(Type::string())))];
        let one = |text: &str| Setting::One(text.to_owned());
        let (values, problems) = read(&params, &[("max_age".into(), one("1d")), ("names".into(), one("a, b"))]);
        assert!(problems.is_empty());
        assert_eq!(values[0], (Id(0), Const::Duration(time::DAY)));
        assert_eq!(values[1].1, Const::List(vec![Const::String("a".into()), Const::String("b".into())]));

        let (_, problems) = read(&params, &[("max_aeg".into(), one("1d")), ("max_age".into(), one("soon"))]);
        assert_eq!(problems[0], "there is no param `max_aeg`: did you mean `max_age`?");
        assert!(problems[1].contains("`soon`"), "{}", problems[1]);
    }
}
