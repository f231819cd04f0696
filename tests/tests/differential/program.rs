//! Random rules, well typed by construction: each path is known with its type, and guarded where a value must be present.

use crate::random::Random;

/// The links that every program declares.
pub const LINKS: &str = "\
link ExternalSecret.spec.secretStoreRef to SecretStore | ClusterSecretStore
link ExternalSecret.spec.data[].sourceRef.storeRef to SecretStore | ClusterSecretStore
link RoleBinding.roleRef to Role | ClusterRole

";

/// What a path holds.
#[derive(Clone, Copy, PartialEq)]
enum Ty {
    Text,
    Int,
    Bool,
    /// A list of texts.
    Texts,
    /// A map of texts.
    Map,
    /// A list of parts, by the index of their scope in [`SCOPES`].
    Parts(usize),
    /// A reference that a link follows.
    Reference,
}

use Ty::{Bool, Int, Map, Parts, Reference, Text, Texts};

/// Paths below a variable, with their types.
type Scope = &'static [(&'static str, Ty)];

const OBJECT: Scope = &[("name", Text), ("namespace", Text), ("labels", Map)];

const SCOPES: &[Scope] = &[
    // A container.
    &[
        ("name", Text),
        ("image", Text),
        ("command", Texts),
        ("args", Texts),
        ("env", Parts(1)),
        ("securityContext.privileged", Bool),
        ("securityContext.runAsUser", Int),
    ],
    // A variable of its environment.
    &[("name", Text), ("value", Text), ("valueFrom.secretKeyRef.name", Text), ("valueFrom.secretKeyRef.key", Text)],
    // A rule of a role.
    &[("verbs", Texts), ("resources", Texts), ("resourceNames", Texts)],
    // A subject of a binding.
    &[("name", Text), ("namespace", Text)],
    // An entry of an ExternalSecret.
    &[
        ("secretKey", Text),
        ("sourceRef.storeRef", Reference),
        ("sourceRef.storeRef.name", Text),
        ("remoteRef.property", Text),
    ],
];

const KINDS: &[(&str, Scope)] = &[
    (
        "Pod",
        &[
            ("spec.containers", Parts(0)),
            ("spec.initContainers", Parts(0)),
            ("spec.hostNetwork", Bool),
            ("spec.priority", Int),
            ("spec.nodeName", Text),
            ("spec.nodeSelector", Map),
        ],
    ),
    ("ConfigMap", &[("data", Map), ("immutable", Bool)]),
    ("Secret", &[("stringData", Map), ("immutable", Bool)]),
    ("Role", &[("rules", Parts(2))]),
    ("RoleBinding", &[("subjects", Parts(3)), ("roleRef", Reference), ("roleRef.name", Text)]),
    (
        "ExternalSecret",
        &[
            ("spec.secretStoreRef", Reference),
            ("spec.secretStoreRef.name", Text),
            ("spec.data", Parts(4)),
            ("spec.target.name", Text),
            ("spec.refreshInterval", Text),
            ("spec.refreshPolicy", Text),
        ],
    ),
];

/// Texts that both programs and inputs use, so that comparisons hold now and then.
pub const WORDS: &[&str] = &["web", "db", "get", "secrets", "vault", "shop"];

/// A variable in scope and what it holds.
#[derive(Clone)]
struct Variable {
    name: String,
    scope: Vec<(&'static str, Ty)>,
    /// What it holds itself, where that is no object or part of one.
    own: Option<Ty>,
    object: bool,
}

pub struct Programs<'r> {
    random: &'r mut Random,
    names: usize,
}

/// A program of one rule.
pub fn program(random: &mut Random) -> String {
    let mut programs = Programs { random, names: 0 };
    format!("{LINKS}{}", programs.rule())
}

impl Programs<'_> {
    fn fresh(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    fn object(&mut self) -> (&'static str, Variable) {
        let (kind, fields) = *self.random.pick(KINDS);
        let scope = OBJECT.iter().chain(fields).copied().collect();
        (kind, Variable { name: self.fresh(), scope, own: None, object: true })
    }

    fn rule(&mut self) -> String {
        let (kind, first) = self.object();
        let mut scope = vec![first.clone()];
        let mut text = format!("rule a-rule low \"A title\"\n  for {} in {kind}", first.name);
        for _ in 0..self.random.below(3) {
            if let Some(generator) = self.generator(&mut scope) {
                text.push_str(", ");
                text.push_str(&generator);
            }
        }
        text.push('\n');
        if self.random.once_in(4) {
            text.push_str(&self.named(&mut scope));
        }
        for _ in 0..self.random.below(2) {
            text.push_str(&format!("  where {}\n", self.condition(&scope, 2)));
        }
        if self.random.once_in(4)
            && let Some(generator) = self.generator(&mut scope)
        {
            text.push_str(&format!("  for {generator}\n"));
        }
        if self.random.once_in(6) {
            text.push_str(&self.named(&mut scope));
        }
        for _ in 0..1 + self.random.below(2) {
            let message = format!("m{} {{{}.name}}", self.random.below(3), first.name);
            match self.random.below(6) {
                0 => text.push_str(&format!("  require {} else \"{message}\"\n", self.condition(&scope, 3))),
                1 => text.push_str(&format!("  undecided when {} \"open\"\n", self.condition(&scope, 1))),
                2 => {
                    let mut inner = scope.clone();
                    if let Some(generator) = self.generator(&mut inner) {
                        text.push_str(&format!(
                            "  deny for {generator} when {} \"{message}\"\n",
                            self.condition(&inner, 2)
                        ));
                    }
                }
                3 => text.push_str(&format!(
                    "  deny when {} at {} \"{message}\"\n",
                    self.condition(&scope, 2),
                    self.place(&scope)
                )),
                _ => text.push_str(&format!("  deny when {} \"{message}\"\n", self.condition(&scope, 3))),
            }
        }
        text
    }

    fn place(&mut self, scope: &[Variable]) -> String {
        let parts: Vec<&Variable> = scope.iter().filter(|variable| !variable.scope.is_empty()).collect();
        let variable = self.random.pick(&parts);
        let path = self.random.pick(&variable.scope).0;
        if self.random.once_in(3) { variable.name.clone() } else { format!("{}.{path}", variable.name) }
    }

    /// A `let` of an expression; its name joins the scope.
    fn named(&mut self, scope: &mut Vec<Variable>) -> String {
        let (value, own) = match self.random.below(4) {
            0 => (self.condition(scope, 1), Bool),
            1 => match self.path(scope, Texts) {
                Some(path) => (path, Texts),
                None => (self.read(scope), Text),
            },
            2 => match self.path(scope, Map) {
                Some(path) => (path, Map),
                None => (self.read(scope), Text),
            },
            _ => (self.text(scope), Text),
        };
        let name = self.fresh();
        scope.push(Variable { name: name.clone(), scope: Vec::new(), own: Some(own), object: false });
        format!("  let {name} = {value}\n")
    }

    /// A generator over a list or over a map in scope.
    fn generator(&mut self, scope: &mut Vec<Variable>) -> Option<String> {
        if self.random.once_in(3)
            && let Some(map) = self.path(scope, Map)
        {
            let (key, value) = (self.fresh(), self.fresh());
            for name in [&key, &value] {
                scope.push(Variable { name: name.clone(), scope: Vec::new(), own: Some(Text), object: false });
            }
            return Some(format!("{key}, {value} in {map}"));
        }
        self.list_generator(scope)
    }

    /// A generator over a list of parts in scope; its variable joins the scope.
    fn list_generator(&mut self, scope: &mut Vec<Variable>) -> Option<String> {
        let (list, element) = self.parts(scope)?;
        let variable = Variable { name: self.fresh(), scope: SCOPES[element].to_vec(), own: None, object: false };
        let text = format!("{} in {list}", variable.name);
        scope.push(variable);
        Some(text)
    }

    fn parts(&mut self, scope: &[Variable]) -> Option<(String, usize)> {
        let all: Vec<(String, usize)> = scope
            .iter()
            .flat_map(|variable| {
                variable.scope.iter().filter_map(move |(path, ty)| match ty {
                    Parts(element) => Some((format!("{}.{path}", variable.name), *element)),
                    _ => None,
                })
            })
            .collect();
        if all.is_empty() {
            return None;
        }
        let (first, element) = self.random.pick(&all).clone();
        let joined: Vec<&(String, usize)> =
            all.iter().filter(|(path, other)| *other == element && *path != first).collect();
        if !joined.is_empty() && self.random.once_in(2) {
            let second = &self.random.pick(&joined).0;
            return Some((format!("{first} ++ {second}"), element));
        }
        Some((first, element))
    }

    /// A path of a type.
    fn path(&mut self, scope: &[Variable], wanted: Ty) -> Option<String> {
        let all: Vec<String> = scope
            .iter()
            .flat_map(|variable| {
                let own = (variable.own == Some(wanted)).then(|| variable.name.clone());
                let of = |path: &str| format!("{}.{path}", variable.name);
                let below = variable.scope.iter().filter(|(_, ty)| *ty == wanted).map(move |(path, _)| of(path));
                own.into_iter().chain(below)
            })
            .collect();
        (!all.is_empty()).then(|| self.random.pick(&all).clone())
    }

    /// A text, perhaps missing.
    fn text(&mut self, scope: &[Variable]) -> String {
        match self.random.below(4) {
            0 => format!("\"{}\"", self.random.pick(WORDS)),
            1 => match self.path(scope, Map) {
                Some(map) => format!("{map}[\"{}\"]", self.random.pick(WORDS)),
                None => "\"web\"".into(),
            },
            _ => self.path(scope, Text).unwrap_or_else(|| "\"web\"".into()),
        }
    }

    /// A list of texts.
    fn texts(&mut self, scope: &[Variable]) -> Option<String> {
        if self.random.once_in(3)
            && let Some((list, element)) = self.parts(scope)
        {
            let texts: Vec<&str> =
                SCOPES[element].iter().filter(|(_, ty)| *ty == Text).map(|(path, _)| *path).collect();
            if !texts.is_empty() {
                return Some(format!("({list})[].{}", self.random.pick(&texts)));
            }
        }
        self.path(scope, Texts)
    }

    /// A path that is no literal.
    fn read(&mut self, scope: &[Variable]) -> String {
        self.path(scope, Text).unwrap_or_else(|| "\"web\"".into())
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.random.below(WORDS.len())]
    }

    fn condition(&mut self, scope: &[Variable], depth: usize) -> String {
        if depth == 0 {
            return self.simple(scope);
        }
        match self.random.below(10) {
            0 | 1 => format!("({}) and ({})", self.condition(scope, depth - 1), self.condition(scope, depth - 1)),
            2 => format!("({}) or ({})", self.condition(scope, depth - 1), self.condition(scope, depth - 1)),
            3 => format!("not ({})", self.condition(scope, depth - 1)),
            4 | 5 => self.quantifier(scope, depth),
            6 => format!(
                "if {} then {} else ({})",
                self.simple(scope),
                self.simple(scope),
                self.condition(scope, depth - 1)
            ),
            _ => self.simple(scope),
        }
    }

    fn quantifier(&mut self, scope: &[Variable], depth: usize) -> String {
        let word = if self.random.once_in(3) { "all" } else { "any" };
        let mut inner = scope.to_vec();
        // Over objects, as a join; else over a list.
        if self.random.once_in(2) {
            let (kind, variable) = self.object();
            let name = variable.name.clone();
            inner.push(variable);
            let key = if self.random.once_in(2) { "name" } else { "namespace" };
            let outer = self.read(scope);
            let rest = self.condition(&inner, depth - 1);
            return format!("({word} {name} in {kind}: {name}.{key} == {outer} and ({rest}))");
        }
        match self.generator(&mut inner) {
            Some(generator) => format!("({word} {generator}: {})", self.condition(&inner, depth - 1)),
            None => self.simple(scope),
        }
    }

    fn simple(&mut self, scope: &[Variable]) -> String {
        match self.random.below(14) {
            0 | 1 => format!("{} == {}", self.read(scope), self.text(scope)),
            2 => format!("{} != {}", self.read(scope), self.text(scope)),
            3 => format!("{} in [\"{}\", \"{}\"]", self.read(scope), self.word(), self.word()),
            4 => {
                let test = *self.random.pick(&["starts with", "ends with", "contains"]);
                format!("({} ?? \"x\") {test} \"{}\"", self.read(scope), self.word())
            }
            5 => {
                let ty = *self.random.pick(&[Text, Texts, Bool, Map]);
                let test = *self.random.pick(&["exists", "absent", "empty"]);
                let test = if ty == Bool && test == "empty" { "exists" } else { test };
                match self.path(scope, ty) {
                    Some(path) => format!("{path} {test}"),
                    None => format!("{} exists", self.read(scope)),
                }
            }
            6 => match self.texts(scope) {
                Some(list) => format!("{list} overlaps [\"{}\", \"{}\"]", self.word(), self.word()),
                None => format!("{} exists", self.text(scope)),
            },
            7 => match self.texts(scope) {
                Some(list) => format!("\"{}\" in {list}", self.word()),
                None => format!("{} absent", self.read(scope)),
            },
            8 => match self.path(scope, Int) {
                Some(path) => format!("({path} ?? 0) + 1 > {}", self.random.below(4)),
                None => format!("{} == {}", self.read(scope), self.read(scope)),
            },
            9 => match self.path(scope, Bool) {
                Some(path) => format!("{path} == true"),
                None => format!("{} != {}", self.read(scope), self.read(scope)),
            },
            10 | 11 => match self.path(scope, Reference) {
                Some(path) if self.random.once_in(2) => format!("{path} dangling"),
                Some(path) if self.random.once_in(2) => {
                    let field = *self.random.pick(&["name", "namespace", "labels[\"web\"]"]);
                    format!("{path}->.{field} == {}", self.text(scope))
                }
                Some(path) => format!("{path}-> exists"),
                None => format!("{} == {}", self.read(scope), self.text(scope)),
            },
            12 => {
                let mut inner = scope.to_vec();
                match self.parts(scope) {
                    Some((list, element)) => {
                        let variable =
                            Variable { name: self.fresh(), scope: SCOPES[element].to_vec(), own: None, object: false };
                        let name = variable.name.clone();
                        inner.push(variable);
                        let condition = self.simple(&inner);
                        format!("[{name} for {name} in {list} where {condition}].size > {}", self.random.below(2))
                    }
                    None => format!("{} exists", self.text(scope)),
                }
            }
            _ => match scope.iter().find(|variable| variable.object) {
                Some(object) => format!("{}.namespace == {}", object.name.clone(), self.text(scope)),
                None => format!("{} exists", self.text(scope)),
            },
        }
    }
}
