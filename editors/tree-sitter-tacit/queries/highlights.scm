; Colours of the rule language. Where two patterns fit, the later one counts.

(identifier) @variable
(comment) @comment
(doc_comment) @comment.documentation

; Items
["rule" "param" "let" "fn" "group" "field" "link" "view" "kind" "waive" "test" "use" "edition"] @keyword
["for" "where" "deny" "require" "undecided" "remedy" "fix" "unsafe" "set" "remove" "controls" "tags" "docs"] @keyword
["when" "at" "else" "as" "if" "then" "from" "yield" "with" "of" "to" "by" "until" "because" "given" "complete" "expect"
 "confidential"] @keyword
["and" "or" "not" "in" "overlaps" "matches" "contains" "starts" "ends" "exists" "absent" "empty" "dangling" "any" "all"]
  @keyword.operator
["==" "!=" "<=" ">=" "<" ">" "??" "++" "+" "-" "*" "=" "->" "|" "?"] @operator
["(" ")" "[" "]"] @punctuation.bracket
["," "." ":"] @punctuation.delimiter

; Names
(rule code: (identifier) @constant name: (rule_name) @type)
(rule name: (rule_name) @type)
(waiver rule: (_) @type)
(test rule: (_) @type)
(function name: (identifier) @function)
(call function: (identifier) @function)
(call method: (identifier) @function.method)
(member name: (identifier) @property)
(field name: (identifier) @property)
(column name: (identifier) @property)
(path (identifier) @property)
(parameter name: (identifier) @variable.parameter)
(param name: (identifier) @constant)
(let_item name: (identifier) @constant)
(group name: (identifier) @type)
(view name: (identifier) @type)
(kind name: (identifier) @type)
(kind_name) @type
((reference) @type (#match? @type "^[A-Z]"))
(builtin_type) @type.builtin
["list" "map"] @type.builtin
(label) @label
(severity) @constant.builtin
(verdict) @constant.builtin

; Values
(boolean) @boolean
(now) @constant.builtin
(integer) @number
(time) @number
(duration) @number
(regex) @string.regexp
(string) @string
(raw_string) @string
(block_string) @string
(escape) @string.escape
(interpolation ["{" "}"] @punctuation.special)
