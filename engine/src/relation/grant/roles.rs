//! Roles of the input and of the API server: which one a binding names, and which rules it has after aggregation.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::builtin::{self, BuiltIn};
use crate::document::{Kind, Node};
use crate::eval::World;
use crate::method::label_selector;
use crate::object::{Namespace, Object, Origin as From};
use crate::value::{Data, Origin, Value};

/// A rule on resources, as values of a row.
pub(super) struct Rule<'a> {
    pub verbs: Value<'a>,
    pub groups: Value<'a>,
    pub resources: Value<'a>,
    pub names: Value<'a>,
    /// The rule itself; missing for a built-in role.
    pub node: Value<'a>,
}

/// What a binding's `roleRef` leads to.
pub(super) enum Found<'a> {
    /// A role: its object, where it is in the input.
    Role(Option<&'a Object>, Rc<[Rule<'a>]>),
    /// Roles of that name are in the input, in namespaces that are not known.
    UnknownNamespace(&'a Object),
    /// Neither in the input nor built in.
    Absent,
}

/// A role, by its number in [`Roles::cluster`] or as the API server makes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Id {
    Own(usize),
    BuiltIn(usize),
}

type Cluster = Option<Arc<str>>;

/// All roles.
pub(super) struct Roles<'a> {
    /// Roles of namespaces, by cluster, namespace and name.
    namespaced: HashMap<(Cluster, Arc<str>, Arc<str>), Vec<&'a Object>>,
    /// One Role of each name whose namespace is not known.
    adrift: HashMap<(Cluster, Arc<str>), &'a Object>,
    /// ClusterRoles, in the order of the input.
    cluster: Vec<&'a Object>,
    /// Their numbers by cluster and name.
    by_name: HashMap<(Cluster, Arc<str>), Vec<usize>>,
    /// Their numbers by cluster and each of their labels.
    by_label: HashMap<(Cluster, &'a str, &'a str), Vec<usize>>,
    /// Clusters that were listed: a built-in role that is not among theirs was deleted.
    live: HashSet<Cluster>,
    rules_of_role: HashMap<*const Object, Rc<[Rule<'a>]>>,
    rules_of_cluster_role: HashMap<(Cluster, Id), Rc<[Rule<'a>]>>,
    selected: HashMap<(Cluster, Id), Rc<[Id]>>,
}

impl<'a> Roles<'a> {
    /// The roles of an inventory.
    pub fn of(world: &World<'a>) -> Roles<'a> {
        let mut roles = Roles {
            namespaced: HashMap::new(),
            adrift: HashMap::new(),
            cluster: Vec::new(),
            by_name: HashMap::new(),
            by_label: HashMap::new(),
            live: HashSet::new(),
            rules_of_role: HashMap::new(),
            rules_of_cluster_role: HashMap::new(),
            selected: HashMap::new(),
        };
        for object in super::objects(world, "Role") {
            let (cluster, name) = (object.cluster.clone(), object.name.clone());
            match object.namespace.known() {
                Some(namespace) => {
                    roles.namespaced.entry((cluster, namespace.clone(), name)).or_default().push(object);
                }
                None => drop(roles.adrift.entry((cluster, name)).or_insert(object)),
            }
        }
        for object in super::objects(world, "ClusterRole") {
            let at = roles.cluster.len();
            roles.cluster.push(object);
            roles.by_name.entry((object.cluster.clone(), object.name.clone())).or_default().push(at);
            for (key, value) in labels(object) {
                roles.by_label.entry((object.cluster.clone(), key, value)).or_default().push(at);
            }
            if object.origin == From::Cluster {
                roles.live.insert(object.cluster.clone());
            }
        }
        roles
    }

    /// The ClusterRole that a binding names.
    pub fn cluster_role(&mut self, binding: &'a Object, name: &str) -> Found<'a> {
        let cluster = &binding.cluster;
        let key = (cluster.clone(), Arc::from(name));
        if let Some(numbers) = self.by_name.get(&key) {
            let objects: Vec<&'a Object> = numbers.iter().map(|&at| self.cluster[at]).collect();
            if let Some(at) = nearest(&objects, binding) {
                return Found::Role(Some(objects[at]), self.rules(cluster, Id::Own(numbers[at])));
            }
        }
        match builtin::find(None, name).filter(|_| !self.live.contains(cluster)) {
            Some(role) => Found::Role(None, self.rules(cluster, Id::BuiltIn(number(role)))),
            None => Found::Absent,
        }
    }

    /// The Role that a binding of this namespace names.
    pub fn role(&mut self, binding: &'a Object, namespace: &Arc<str>, name: &str) -> Found<'a> {
        let cluster = &binding.cluster;
        let name: Arc<str> = name.into();
        let known = self.namespaced.get(&(cluster.clone(), namespace.clone(), name.clone()));
        if let Some(role) = known.and_then(|known| known.get(nearest(known, binding)?).copied()) {
            let rules = self.rules_of_role.entry(role).or_insert_with(|| own_rules(role).into()).clone();
            return Found::Role(Some(role), rules);
        }
        if let Some(adrift) = self.adrift(binding, &name) {
            return Found::UnknownNamespace(adrift);
        }
        match builtin::find(Some(namespace), &name).filter(|_| binding.origin != From::Cluster) {
            Some(role) => Found::Role(None, built_in_rules(role).into()),
            None => Found::Absent,
        }
    }

    /// A Role of this name whose namespace is not known.
    fn adrift(&self, binding: &Object, name: &Arc<str>) -> Option<&'a Object> {
        self.adrift.get(&(binding.cluster.clone(), name.clone())).copied()
    }

    /// The rules that a ClusterRole has once the controller has collected those of other roles.
    ///
    /// What a live server answers is collected already. In files, the rules that an aggregated role itself states are
    /// left out: the controller overwrites them.
    fn rules(&mut self, cluster: &Cluster, id: Id) -> Rc<[Rule<'a>]> {
        if let Some(rules) = self.rules_of_cluster_role.get(&(cluster.clone(), id)) {
            return rules.clone();
        }
        let mut rules = Vec::new();
        let mut seen = HashSet::from([id]);
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if self.aggregates(id) {
                // Last in, first out: turned round, the roles come in their order.
                let fresh: Vec<Id> = self.selected(cluster, id).iter().copied().filter(|&id| seen.insert(id)).collect();
                open.extend(fresh.into_iter().rev());
            } else {
                match id {
                    Id::Own(at) => rules.extend(self.cluster.get(at).into_iter().flat_map(|role| own_rules(role))),
                    Id::BuiltIn(at) => rules.extend(builtin::all().get(at).into_iter().flat_map(built_in_rules)),
                }
            }
        }
        let rules: Rc<[Rule<'a>]> = rules.into();
        self.rules_of_cluster_role.insert((cluster.clone(), id), rules.clone());
        rules
    }

    fn aggregates(&self, id: Id) -> bool {
        match id {
            Id::Own(at) => self.cluster.get(at).is_some_and(|role| {
                role.origin != From::Cluster && role.node().get("aggregationRule").is_some_and(|rule| !rule.is_null())
            }),
            Id::BuiltIn(at) => builtin::all().get(at).is_some_and(|role| role.collects.is_some()),
        }
    }

    /// The roles that an aggregated role collects, without following on.
    fn selected(&mut self, cluster: &Cluster, id: Id) -> Rc<[Id]> {
        if let Some(selected) = self.selected.get(&(cluster.clone(), id)) {
            return selected.clone();
        }
        let mut found: Vec<Id> = Vec::new();
        match id {
            Id::Own(at) => {
                let rule = self.cluster.get(at).and_then(|role| role.node().get("aggregationRule"));
                for selector in rule.and_then(|rule| rule.get("clusterRoleSelectors")).into_iter().flat_map(Node::items)
                {
                    self.select(cluster, selector, &mut found);
                }
            }
            Id::BuiltIn(at) => {
                if let Some(label) = builtin::all().get(at).and_then(BuiltIn::collected_label) {
                    let own = self.by_label.get(&(cluster.clone(), label.as_str(), "true"));
                    found.extend(own.into_iter().flatten().map(|&at| Id::Own(at)));
                    found.extend(
                        self.built_in(cluster).filter(|(_, role)| role.has_label(&label, "true")).map(|(id, _)| id),
                    );
                }
            }
        }
        let mut seen = HashSet::new();
        found.retain(|&id| seen.insert(id));
        let found: Rc<[Id]> = found.into();
        self.selected.insert((cluster.clone(), id), found.clone());
        found
    }

    fn select(&self, cluster: &Cluster, selector: Node<'a>, found: &mut Vec<Id>) {
        let first = selector.get("matchLabels").and_then(|labels| labels.entries().next());
        let candidates: Vec<usize> = match first.map(|(key, _, value)| (key, value.scalar_text())) {
            Some((key, Some(value))) => self.by_label.get(&(cluster.clone(), key, value)).cloned().unwrap_or_default(),
            Some((_, None)) => Vec::new(),
            None => (0..self.cluster.len()).filter(|&at| self.cluster[at].cluster == *cluster).collect(),
        };
        let own = candidates.into_iter().filter(|&at| {
            let own = labels_node(self.cluster[at]);
            label_selector(selector, &|key| own?.get(key)?.scalar_text()) == Some(true)
        });
        found.extend(own.map(Id::Own));
        let fits = |role: &BuiltIn| {
            label_selector(selector, &|key| role.has_label(key, "true").then_some("true")) == Some(true)
        };
        found.extend(self.built_in(cluster).filter(|(_, role)| fits(role)).map(|(id, _)| id));
    }

    /// The built-in ClusterRoles that the input does not hold.
    fn built_in(&self, cluster: &Cluster) -> impl Iterator<Item = (Id, &'static BuiltIn)> {
        let cluster = cluster.clone();
        let roles = builtin::all().iter().enumerate();
        roles
            .filter(move |(_, role)| {
                role.namespace.is_none()
                    && !self.live.contains(&cluster)
                    && !self.by_name.contains_key(&(cluster.clone(), role.name.into()))
            })
            .map(|(at, role)| (Id::BuiltIn(at), role))
    }
}

/// Which of several objects of one name is meant: the one whose path shares most with the binding's. Trees that hold a
/// manifest for each of several clusters have the two side by side. The objects stand in the order of their paths.
fn nearest(objects: &[&Object], binding: &Object) -> Option<usize> {
    let own = &*binding.document.source.path;
    let path = |at: usize| objects.get(at).map(|object| &*object.document.source.path);
    let shared = |at: usize| path(at).map(|other| own.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count());
    let after = objects.partition_point(|object| *object.document.source.path < *own);
    let before = after.checked_sub(1);
    match (before.and_then(shared), shared(after)) {
        (Some(left), Some(right)) if left > right => before,
        (_, Some(_)) => Some(after),
        (Some(_), None) => before,
        (None, None) => None,
    }
}

fn number(role: &'static BuiltIn) -> usize {
    builtin::all().iter().position(|other| std::ptr::eq(other, role)).unwrap_or(usize::MAX)
}

fn labels_node(object: &Object) -> Option<Node<'_>> {
    object.node().get("metadata")?.get("labels")
}

fn labels(object: &Object) -> impl Iterator<Item = (&str, &str)> {
    let entries = labels_node(object).into_iter().flat_map(Node::entries);
    entries.filter_map(|(key, _, value)| Some((key, value.scalar_text()?)))
}

/// The rules on resources that a role of the input states. Rules on URLs outside of the API's resources are left out.
fn own_rules(role: &Object) -> Vec<Rule<'_>> {
    let rules = role.node().get("rules").into_iter().flat_map(Node::items);
    let rules = rules.filter(|rule| rule.get("resources").is_some_and(|resources| !resources.is_empty()));
    rules
        .map(|node| {
            let list = |field: &str| {
                let at = |node| Some(Origin::new(node, Some(role)));
                match node.get(field) {
                    Some(list) if list.kind() == Kind::Seq => Value::at(Data::Node(list), at(list)),
                    _ => Value::list(Vec::new()).with_origin(at(node)),
                }
            };
            Rule {
                verbs: list("verbs"),
                groups: list("apiGroups"),
                resources: list("resources"),
                names: list("resourceNames"),
                node: Value::at(Data::Node(node), Some(Origin::new(node, Some(role)))),
            }
        })
        .collect()
}

fn built_in_rules<'a>(role: &'static BuiltIn) -> Vec<Rule<'a>> {
    let list =
        |texts: &'static [&'static str]| Value::list(texts.iter().map(|&text| Value::new(Data::Str(text))).collect());
    role.rules
        .iter()
        .map(|rule| Rule {
            verbs: list(&rule.verbs),
            groups: list(&rule.groups),
            resources: list(&rule.resources),
            names: list(&rule.names),
            node: Value::missing(),
        })
        .collect()
}

/// The namespace of an object as a value.
pub(super) fn namespace_of(object: &Object) -> Value<'_> {
    let metadata = object.node().get("metadata");
    let node = metadata.and_then(|metadata| metadata.get("namespace")).or(metadata).unwrap_or_else(|| object.node());
    let origin = Some(Origin::new(node, Some(object)));
    match &object.namespace {
        Namespace::Set(name) | Namespace::Given(name) => Value::at(Data::Text(name.clone()), origin),
        Namespace::Unknown => Value::at(Data::Unknown, origin),
        Namespace::ClusterScoped => Value::missing_at(origin),
    }
}
