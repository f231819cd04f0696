//! Signatures of the methods. None of them reads the world; all give missing where the text does not parse.

/// A method of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "documented, for authors too, in the table ALL")]
pub enum Method {
    Json,
    Yaml,
    Hcl,
    Base64,
    Jwt,
    Certificates,
    Url,
    Duration,
    Seconds,
    Unix,
    Int,
    Bool,
    Size,
    Distinct,
    Keys,
    Values,
    Before,
    After,
    Replace,
    Variables,
    HasBits,
    Lower,
    Upper,
    Trim,
    Split,
    Lines,
    Join,
    Text,
    Raw,
    SelectsLabels,
    Walk,
    LooksLikeCredential,
    CredentialKind,
    NamesCredential,
    Placeholder,
    Entropy,
    Digest,
    Flag,
    Allows,
    HeldBy,
    SelectsPath,
}

/// What a method can be called on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Receiver {
    String,
    Bytes,
    Int,
    Bool,
    Duration,
    Time,
    /// Any list.
    List,
    /// A list of texts.
    StringList,
    /// Any map.
    Map,
    /// A whole object.
    Object,
    /// A schema type by its short name, `Container`.
    Struct(&'static str),
    /// A relation or record by its name.
    Row(&'static str),
}

/// Type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Argument {
    String,
    Int,
    /// A text or a regex literal.
    Pattern,
    /// `map<string>`
    Labels,
    /// An object of any kind, or a reference to one.
    Object,
}

/// Type of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Outcome {
    String,
    Int,
    Number,
    Bool,
    Duration,
    Time,
    Bytes,
    Any,
    StringList,
    /// The receiver's own type.
    Same,
    /// A list of the receiver's element or value type.
    Elements,
    /// A record of [`super::relations::RECORDS`].
    Record(&'static str),
    /// A list of such records.
    Records(&'static str),
}

/// Whether the result of a confidential receiver is confidential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// As the receiver.
    Inherit,
    /// Never: it tells a property, not the material.
    Public,
    /// Columns or elements are marked in their own types.
    Declared,
}

/// The signature of a method.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// Which method; the evaluator's name for it.
    pub method: Method,
    /// The word after the dot. Several methods of one name differ in their receivers.
    pub name: &'static str,
    /// True where it is written with parentheses; `.size` and its like are not.
    pub call: bool,
    /// What it can be called on.
    pub receivers: &'static [Receiver],
    /// Names and types of its arguments.
    pub params: &'static [(&'static str, Argument)],
    /// How many of them must be given.
    pub required: usize,
    /// Type of the result.
    pub result: Outcome,
    /// True where the result may be missing although the receiver is present.
    pub partial: bool,
    /// True where a missing receiver gives false, not missing.
    pub false_on_missing: bool,
    /// Whether the result is confidential.
    pub secrecy: Secrecy,
    /// One sentence for authors.
    pub doc: &'static str,
}

/// Shorthand for the usual signature: called, total, inheriting.
const fn sig(
    method: Method,
    name: &'static str,
    receivers: &'static [Receiver],
    params: &'static [(&'static str, Argument)],
    result: Outcome,
    doc: &'static str,
) -> Signature {
    Signature {
        method,
        name,
        call: true,
        receivers,
        params,
        required: params.len(),
        result,
        partial: false,
        false_on_missing: false,
        secrecy: Secrecy::Inherit,
        doc,
    }
}

impl Signature {
    /// The result may be missing although the receiver is present.
    const fn partial(mut self) -> Self {
        self.partial = true;
        self
    }

    /// The result tells a property of secret material, not the material.
    const fn public(mut self) -> Self {
        self.secrecy = Secrecy::Public;
        self
    }

    /// Confidential parts are marked in the result's own type.
    const fn declared(mut self) -> Self {
        self.secrecy = Secrecy::Declared;
        self
    }

    /// A question about text or secrets: false on a missing receiver.
    const fn question(mut self) -> Self {
        self.false_on_missing = true;
        self.secrecy = Secrecy::Public;
        self
    }

    /// Written without parentheses.
    const fn property(mut self) -> Self {
        self.call = false;
        self
    }

    /// Only the first `n` arguments must be given.
    const fn required(mut self, n: usize) -> Self {
        self.required = n;
        self
    }
}

use Argument as A;
use Method as M;
use Outcome as O;
use Receiver as R;

/// Text and, after decoding, bytes.
const TEXT: &[Receiver] = &[R::String, R::Bytes];

/// Every method.
pub const ALL: &[Signature] = &[
    sig(M::Json, "json", TEXT, &[], O::Any, "the value of the text read as JSON; its nodes point inside the text").partial(),
    sig(M::Yaml, "yaml", TEXT, &[], O::Any, "the value of the text read as YAML, as Kubernetes reads it; its nodes point inside the text").partial(),
    sig(M::Hcl, "hcl", TEXT, &[], O::Any, "the value of the text read as HCL: attributes, and blocks as lists under their type").partial(),
    sig(M::Base64, "base64", TEXT, &[], O::Bytes, "the bytes that the text encodes in base64, standard or URL alphabet").partial(),
    sig(M::Jwt, "jwt", TEXT, &[], O::Record("Jwt"), "the header and claims of a JSON Web Token; its signature is not checked").partial().declared(),
    sig(M::Certificates, "certificates", TEXT, &[], O::Records("CertificateInfo"), "the X.509 certificates of the PEM or DER text, in order").partial().declared(),
    sig(M::Url, "url", &[R::String], &[], O::Record("Url"), "the parts of an absolute URL").partial().declared(),
    sig(M::Duration, "duration", &[R::String], &[], O::Duration, "the span of time that a Go duration (`1h30m`, also with `d` and `w`) states").partial(),
    sig(M::Seconds, "seconds", &[R::Int], &[], O::Duration, "so many seconds"),
    sig(M::Unix, "unix", &[R::Int], &[], O::Time, "the instant so many seconds after 1970-01-01 UTC"),
    sig(M::Int, "int", &[R::String], &[], O::Int, "the whole number that the text states in decimal").partial(),
    sig(M::Bool, "bool", &[R::String], &[], O::Bool, "true or false, as the text says in the forms that Go accepts (`1 t true TRUE 0 f false …`)").partial(),
    sig(M::Size, "size", &[R::String, R::Bytes, R::List, R::Map], &[], O::Int, "number of characters, bytes, elements or entries").public().property(),
    sig(M::Distinct, "distinct", &[R::List], &[], O::Same, "the elements without those equal to an earlier one").property(),
    sig(M::Keys, "keys", &[R::Map], &[], O::StringList, "the keys, in the order written; keys are public").public().property(),
    sig(M::Values, "values", &[R::Map], &[], O::Elements, "the values, in the order written").property(),
    sig(M::Before, "before", &[R::String], &[("separator", A::String)], O::String, "the part before the first separator").partial(),
    sig(M::After, "after", &[R::String], &[("separator", A::String)], O::String, "the part after the first separator").partial(),
    sig(M::Replace, "replace", &[R::String], &[("pattern", A::Pattern), ("replacement", A::String)], O::String, "the text with each match replaced; `$1` is the first capture of a regex"),
    sig(M::Variables, "variables", &[R::String], &[], O::StringList, "names in `$(NAME)`, `${NAME}` and `$NAME`, in order; `$$` escapes"),
    sig(M::HasBits, "has_bits", &[R::Int], &[("mask", A::Int)], O::Bool, "true where each bit of the mask is set"),
    sig(M::Lower, "lower", &[R::String], &[], O::String, "in lower case"),
    sig(M::Upper, "upper", &[R::String], &[], O::String, "in upper case"),
    sig(M::Trim, "trim", &[R::String], &[], O::String, "without white space at both ends"),
    sig(M::Split, "split", &[R::String], &[("separator", A::String)], O::StringList, "the parts between separators"),
    sig(M::Lines, "lines", &[R::String], &[], O::StringList, "the lines, without their line breaks"),
    sig(M::Join, "join", &[R::StringList], &[("separator", A::String)], O::String, "the elements with the separator between them"),
    sig(M::Text, "text", &[R::Bytes, R::Int, R::Bool, R::Duration, R::Time], &[], O::String, "as text; missing for bytes that are not UTF-8").partial(),
    sig(M::Raw, "raw", &[R::Bytes], &[], O::String, "the text as written in the manifest, before base64 is decoded; missing for bytes that stand in no manifest").partial().property(),
    sig(M::SelectsLabels, "selects", &[R::Struct("LabelSelector"), R::Map], &[("labels", A::Labels)], O::Bool, "true where a label selector, or a map of labels as in `spec.selector` of a Service, matches these labels"),
    sig(M::Walk, "walk", &[R::Object], &[], O::Records("Leaf"), "every scalar of the object with its path and key").declared(),
    sig(M::LooksLikeCredential, "looks_like_credential", TEXT, &[("name", A::String)], O::Bool, "true where the text is a credential: by its own format, or because the name says so and the text is no placeholder, reference, flag, number or path").question().required(0),
    sig(M::CredentialKind, "credential_kind", TEXT, &[], O::String, "the token format that the text has, such as \"GitHub token\"; missing where it has none that is known").partial().public(),
    sig(M::NamesCredential, "names_credential", &[R::String], &[], O::Bool, "true where the text, as the name of a variable or key, announces a credential: `DB_PASSWORD`, `apiKey`, and not `PASSWORD_FILE`").question(),
    sig(M::Placeholder, "placeholder", TEXT, &[], O::Bool, "true where the text stands for a value that comes from elsewhere: `${X}`, `<path:…>`, `vault:…`, `op://…`, `ENC[…]`, `changeme`").question(),
    sig(M::Entropy, "entropy", TEXT, &[], O::Number, "Shannon entropy of the characters, in bits for the whole text").public(),
    sig(M::Digest, "digest", TEXT, &[], O::String, "a digest keyed for this run, equal for equal texts").public(),
    sig(M::Flag, "flag", &[R::Struct("Container"), R::Struct("EphemeralContainer")], &[("name", A::String)], O::String, "value of `--name=value` or `--name value` among command and arguments, the last one; `\"true\"` for a flag without value").partial(),
    sig(M::Allows, "allows", &[R::Row("Grant"), R::Struct("PolicyRule")], &[("verb", A::String), ("resource", A::String)], O::Bool, "true where the grant, or the rule of a role, covers the verb on the resource, written `secrets`, `pods/exec` or `deployments.apps`; `*` covers all, `*/scale` that subresource of each, `pods/*` none; names are not asked"),
    sig(M::HeldBy, "held_by", &[R::Row("Grant")], &[("account", A::Object)], O::Bool, "true where the service account, itself or through its groups, holds the grant"),
    sig(M::SelectsPath, "selects", &[R::Row("SopsRule")], &[("path", A::String)], O::Bool, "true where the creation rule encrypts this dotted path"),
];

/// The signature of a method.
pub fn signature(method: Method) -> &'static Signature {
    ALL.iter().find(|signature| signature.method == method).expect("each method has a signature; a test asks for all")
}
