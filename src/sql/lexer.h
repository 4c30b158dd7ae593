/*
 * lexer.h - SQL text to an array of tokens.
 *
 * The whole statement is cut up at once, so that the parser can look ahead as far as it likes.
 * A token is a range of bytes of the text: nothing is copied or unescaped here.
 *
 * Ownership: tokens live in the arena given and refer to the text by position.
 */
#ifndef SQL_LEXER_H
#define SQL_LEXER_H

#include "base/error.h"

typedef enum TokenKind {
    TK_EOF,
    TK_WORD,       /* name or keyword, not quoted */
    TK_QUOTED,     /* `name` */
    TK_STRING,     /* '…' "…" r'…' R"…" */
    TK_INT,        /* 12 */
    TK_DECIMAL,    /* 1.5 */
    TK_EXPONENT,   /* 1e3 */
    TK_LONG,       /* 1L */
    TK_SHORT,      /* 1S */
    TK_BYTE,       /* 1Y */
    TK_FLOAT,      /* 1F */
    TK_DOUBLE,     /* 1D */
    TK_BIGDECIMAL, /* 1BD */
    TK_LPAREN,
    TK_RPAREN,
    TK_LBRACKET,
    TK_RBRACKET,
    TK_COMMA,
    TK_DOT,
    TK_SEMICOLON,
    TK_BANG,
    TK_EQ,   /* = == */
    TK_NSEQ, /* <=> */
    TK_NEQ,  /* <> != */
    TK_LT,
    TK_LTE, /* <= !> */
    TK_GT,
    TK_GTE, /* >= !< */
    TK_SHIFT_LEFT,
    TK_SHIFT_RIGHT,
    TK_SHIFT_RIGHT_UNSIGNED,
    TK_PLUS,
    TK_MINUS,
    TK_STAR,
    TK_SLASH,
    TK_PERCENT,
    TK_TILDE,
    TK_AMPERSAND,
    TK_PIPE,
    TK_CONCAT,        /* || */
    TK_OPERATOR_PIPE, /* |> */
    TK_HAT,
    TK_COLON,
    TK_DOUBLE_COLON,
    TK_AT,
    TK_ARROW,      /* -> */
    TK_FAT_ARROW,  /* => */
    TK_HINT_START, /* slash star plus */
    TK_HINT_END,
    TK_QUESTION,
    TK_BAD /* a character that begins nothing, or a quote that is not closed */
} TokenKind;

/* Keywords that steer the grammar of queries and expressions; statements compare words by text.
 * KW_NONE: any other word. */
typedef enum Keyword {
    KW_NONE,
#define KW(name) KW_##name,
#include "sql/keywords.def"
#undef KW
    KW_COUNT
} Keyword;

typedef struct Token {
    TokenKind kind;
    Keyword kw;           /* of a TK_WORD */
    uint32_t start, stop; /* bytes; stop is one past the end */
} Token;

/* The tokens of sql, ended by TK_EOF; *ret_n counts that one too.
 * Errors: UNCLOSED_BRACKETED_COMMENT; FAILED_TO_PARSE_TOO_COMPLEX for a text too long. */
fb_status sql_lex(Arena *a, Str sql, Token **ret, uint32_t *ret_n, fb_error *err);

/* The value of a string token: quotes removed, escapes of Spark's string literals resolved.
 * Appends to out. */
void sql_unescape(Str literal, StrBuf *out);
/* `a``b` -> a`b, in the arena. */
char *sql_unquote_name(Arena *a, Str quoted);

#endif
