/**
 * The rule language for editors: what `lang/src/grammar.pest` accepts, with a tree that queries can name.
 *
 * An item begins in the first column, a clause does not. The one token that knows columns comes from `src/scanner.c`;
 * without it a `let` after a rule would be a clause of that rule.
 */

const PREC = { quantifier: 1, or: 2, and: 3, not: 4, compare: 5, fallback: 6, add: 7, multiply: 8, prefix: 9, postfix: 10 };

const list1 = (rule) => seq(rule, repeat(seq(",", rule)));
const list1Trailing = (rule) => seq(list1(rule), optional(","));

module.exports = grammar({
  name: "tacit",

  externals: ($) => [$._item_start],
  extras: ($) => [/\s/, $.comment, $.doc_comment],
  word: ($) => $.identifier,
  // `x as Foo.bar` is a type with a path, `x as Foo.json()` a method of the value.
  conflicts: ($) => [[$.named_type, $._type_path]],

  rules: {
    source_file: ($) => repeat(seq($._item_start, $._item)),

    _item: ($) =>
      choice(
        $.rule, $.param, $.let_item, $.function, $.group, $.field, $.link, $.view, $.kind, $.waiver, $.test, $.use,
        $.edition,
      ),

    // ---- Items

    rule: ($) =>
      seq(
        "rule", field("code", optional($.identifier)), field("name", $.rule_name), field("severity", $.severity),
        field("title", $._text), repeat($._clause),
      ),
    param: ($) =>
      seq("param", field("name", $.identifier), ":", field("type", $._type), "=", field("value", $._expression)),
    let_item: ($) => seq("let", field("name", $.identifier), "=", field("value", $._expression)),
    function: ($) =>
      seq(
        "fn", field("name", $.identifier), "(", optional(list1Trailing($.parameter)), ")", ":",
        field("type", $._type), "=", field("body", $._expression),
      ),
    parameter: ($) => seq(field("name", $.identifier), ":", field("type", $._type)),
    group: ($) =>
      seq("group", field("name", $.identifier), "of", list1($.kind_name), optional(seq("with", list1($.assignment)))),
    field: ($) =>
      seq("field", field("owner", $.kind_name), ".", field("name", $.identifier), "=", field("value", $._expression)),
    link: ($) =>
      seq(
        "link", field("owner", $.kind_name), field("path", $.path), "to", $.kind_name, repeat(seq("|", $.kind_name)),
        optional(seq("by", list1($.assignment))),
      ),
    view: ($) => seq("view", field("name", $.identifier), "=", repeat1($.view_branch)),
    view_branch: ($) =>
      prec.right(seq("from", $.generators, optional($.condition), optional(seq("yield", "(", list1Trailing($.column), ")")))),
    column: ($) => seq(field("name", $.identifier), ":", field("value", $._expression)),
    kind: ($) => seq("kind", field("name", $.identifier), "=", $._text, repeat($.kind_field)),
    kind_field: ($) => seq(field("path", seq($.identifier, optional($.path))), ":", field("type", $._type)),
    waiver: ($) =>
      seq(
        "waive", field("rule", $._rule_reference), "for", $.kind_name, $._text, "until", $.time, "because", $._text,
        "by", $._text,
      ),
    use: ($) => seq("use", $._text),
    edition: ($) => seq("edition", $.integer),

    test: ($) => seq("test", field("rule", $._rule_reference), field("title", $._text), repeat($._test_part)),
    _test_part: ($) => choice($.now_part, $.with_part, $.given_part, $.expect_part),
    now_part: ($) => seq("now", $._expression),
    with_part: ($) => seq("with", list1($.assignment)),
    given_part: ($) => seq("given", optional("complete"), $._text, optional($._text)),
    expect_part: ($) => seq("expect", $.verdict, optional($._text), optional($.expect_at)),
    expect_at: ($) => seq("at", $.kind_name, $._text, optional(seq($.identifier, optional($.path)))),

    assignment: ($) => seq(field("name", $.identifier), "=", field("value", $._expression)),

    // ---- Clauses

    _clause: ($) =>
      choice(
        $.for_clause, $.where_clause, $.let_clause, $.deny_clause, $.require_clause, $.undecided_clause,
        $.remedy_clause, $.fix_clause, $.controls_clause, $.tags_clause, $.docs_clause,
      ),
    for_clause: ($) => seq("for", $.generators),
    where_clause: ($) => seq("where", $._expression),
    let_clause: ($) => seq("let", field("name", $.identifier), "=", field("value", $._expression)),
    deny_clause: ($) =>
      seq(
        "deny", optional(seq("as", $.severity)), optional(seq("for", $.generators)), optional(seq("when", $._expression)),
        optional($.at_part), field("message", $._text),
      ),
    require_clause: ($) =>
      seq("require", $._expression, optional($.at_part), "else", field("message", $._text)),
    undecided_clause: ($) =>
      seq("undecided", optional(seq("for", $.generators)), optional(seq("when", $._expression)), field("reason", $._text)),
    remedy_clause: ($) => seq("remedy", $._text),
    fix_clause: ($) => seq("fix", optional("unsafe"), choice(seq("set", $._expression, "=", $._expression), seq("remove", $._expression))),
    controls_clause: ($) => seq("controls", field("framework", $._label), list1($._text)),
    tags_clause: ($) => seq("tags", list1($._label)),
    docs_clause: ($) => seq("docs", $._text),
    at_part: ($) => seq("at", $._expression),

    generators: ($) => prec.right(list1($.generator)),
    generator: ($) =>
      seq(
        field("name", $.identifier), optional(seq(",", field("name", $.identifier))), "in",
        field("source", choice($.kinds, $._expression)),
      ),
    kinds: ($) => seq($.kind_name, repeat1(seq("|", $.kind_name))),
    condition: ($) => seq("where", $._expression),

    // ---- Expressions

    _expression: ($) =>
      choice(
        $.quantifier, $.conditional, $.binary, $.presence, $.unary, $.member, $.call, $.index, $.each, $.follow, $.cast,
        $.list, $.parenthesized, $.reference, $._text, $.time, $.duration, $.integer, $.boolean, $.now, $.regex,
      ),
    quantifier: ($) =>
      prec.right(PREC.quantifier, seq(choice("any", "all"), $.generator, ":", field("body", $._expression))),
    conditional: ($) =>
      prec.right(PREC.quantifier, seq("if", $._expression, "then", $._expression, "else", $._expression)),
    binary: ($) => {
      const table = [
        [PREC.or, "or"],
        [PREC.and, "and"],
        [PREC.compare, choice("==", "!=", "<=", ">=", "<", ">", "in", "overlaps", "matches", "contains")],
        [PREC.compare, seq(choice("starts", "ends"), "with")],
        [PREC.fallback, "??"],
        [PREC.add, choice("++", "+", "-")],
        [PREC.multiply, "*"],
      ];
      return choice(
        ...table.map(([level, operator]) =>
          prec.left(level, seq(field("left", $._expression), operator, field("right", $._expression))),
        ),
      );
    },
    presence: ($) => prec.left(PREC.compare, seq($._expression, choice("exists", "absent", "empty", "dangling"))),
    unary: ($) =>
      choice(prec.right(PREC.not, seq("not", $._expression)), prec.right(PREC.prefix, seq("-", $._expression))),
    member: ($) => prec.left(PREC.postfix, seq($._expression, ".", field("name", $.identifier))),
    call: ($) =>
      prec.left(PREC.postfix, seq(
        choice(field("function", $.identifier), seq($._expression, ".", field("method", $.identifier))),
        $.arguments,
      )),
    arguments: ($) => seq("(", optional(list1Trailing($._expression)), ")"),
    index: ($) => prec.left(PREC.postfix, seq($._expression, "[", $._expression, "]")),
    each: ($) => prec.left(PREC.postfix, seq($._expression, "[", "]")),
    follow: ($) => prec.left(PREC.postfix, seq($._expression, "->")),
    cast: ($) => prec.left(PREC.postfix, seq($._expression, "as", field("type", $._type))),
    list: ($) =>
      seq("[", optional(choice(list1Trailing($._expression), seq($._expression, $.comprehension))), "]"),
    comprehension: ($) => seq("for", $.generators, optional($.condition)),
    parenthesized: ($) => seq("(", $._expression, ")"),
    reference: ($) => $.identifier,

    // ---- Types and paths

    _type: ($) => choice($.confidential_type, $._open_type),
    confidential_type: ($) => seq("confidential", $._open_type),
    _open_type: ($) => prec.right(seq(choice($.list_type, $.map_type, $.builtin_type, $.named_type), optional("?"))),
    list_type: ($) => seq("list", "<", $._type, ">"),
    map_type: ($) => seq("map", "<", $._type, ">"),
    builtin_type: () => choice("string", "int", "number", "bool", "duration", "time", "bytes", "any"),
    named_type: ($) => choice($.kind_name, $._type_path),
    // Of two readings the one with more steps counts.
    _type_path: ($) =>
      prec.dynamic(1, seq(choice($.kind_name, $._type_path), choice(seq(".", $.identifier), seq("[", "]")))),

    path: ($) =>
      repeat1(choice(seq(".", $.identifier), seq("[", "]"), seq("[", $._text, "]"), seq("[", $.integer, "]"))),

    // ---- Words and literals

    kind_name: ($) => $.identifier,
    _rule_reference: ($) => choice($.rule_name, $.rule_code),
    rule_code: ($) => $.identifier,
    _label: ($) => choice($.label, alias($.rule_name, $.label)),
    label: ($) => $.identifier,
    severity: () => choice("info", "low", "medium", "high", "critical"),
    verdict: () => choice("deny", "undecided", "clean"),
    boolean: () => choice("true", "false"),
    now: () => "now",

    _text: ($) => choice($.string, $.raw_string, $.block_string),
    string: ($) =>
      seq('"', repeat(choice($.escape, alias($._chunk, $.string_content), $.interpolation)), token.immediate('"')),
    _chunk: () => token.immediate(prec(1, /[^"{}\\\n]+|\}/)),
    escape: () => token.immediate(prec(1, choice(/\\u\{[^}"\n]*\}/, /\\[^\n]/, "{{", "}}"))),
    interpolation: ($) => seq(token.immediate("{"), $._expression, "}"),
    raw_string: () => token(/r"[^"\n]*"/),
    block_string: () => token(/"""([^"]|"[^"]|""[^"])*"""/),

    time: () => token(/\d{4}-\d{2}-\d{2}(T[\d:]*Z)?/),
    duration: () => token(/(\d+(ns|us|ms|s|m|h|d|w))+/),
    integer: () => token(/\d[\d_]*/),
    regex: () => token(/\/([^\/\\\n]|\\[^\n])+\//),
    rule_name: () => token(/[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)+/),
    identifier: () => /[A-Za-z_][A-Za-z0-9_]*/,

    doc_comment: () => token(prec(1, /\/\/[\/!][^\n]*/)),
    comment: () => token(/\/\/[^\n]*/),
  },
});
