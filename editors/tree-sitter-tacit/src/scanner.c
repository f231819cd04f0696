// The token that knows columns: an item begins with a letter in the first column, whatever stands before it.

#include "tree_sitter/parser.h"

enum Token { ITEM_START };

void *tree_sitter_tacit_external_scanner_create(void) { return NULL; }
void tree_sitter_tacit_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_tacit_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}
void tree_sitter_tacit_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
static bool is_letter(int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool tree_sitter_tacit_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols) {
  (void)payload;
  if (!valid_symbols[ITEM_START]) return false;
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
  if (!is_letter(lexer->lookahead) || lexer->get_column(lexer) != 0) return false;
  lexer->mark_end(lexer);
  lexer->result_symbol = ITEM_START;
  return true;
}
