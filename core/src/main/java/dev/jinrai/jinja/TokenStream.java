package dev.jinrai.jinja;

import java.util.List;

/// Tokens one after another, and the mistakes in them.
final class TokenStream {
    /// Expressions and blocks inside each other; more would overflow the stack of the parser.
    private static final int DEEPEST = 200;

    private final String source;
    private final List<Token> tokens;
    private int next;
    private int depth;

    TokenStream(String source) {
        this.source = source;
        this.tokens = Lexer.tokens(source);
    }

    Token peek() {
        return tokens.get(next);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(next + ahead, tokens.size() - 1));
    }

    Token take() {
        Token token = peek();
        if (token.kind() != Token.Kind.END) {
            next++;
        }
        return token;
    }

    boolean at(Token.Kind kind) {
        return peek().kind() == kind;
    }

    boolean atName(String name) {
        return peek().is(Token.Kind.NAME, name);
    }

    boolean atSign(String sign) {
        return peek().is(Token.Kind.OPERATOR, sign);
    }

    boolean skipName(String name) {
        boolean there = atName(name);
        next += there ? 1 : 0;
        return there;
    }

    boolean skipSign(String sign) {
        boolean there = atSign(sign);
        next += there ? 1 : 0;
        return there;
    }

    Token expect(Token.Kind kind, String what) {
        if (!at(kind)) {
            throw unexpected(what);
        }
        return take();
    }

    void expectSign(String sign) {
        if (!skipSign(sign)) {
            throw unexpected("'" + sign + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    TemplateException unexpected(String wanted) {
        return fail(peek().at(), "expected %s, got %s".formatted(wanted, peek().shown()));
    }

    TemplateException fail(int at, String what) {
        return TemplateException.at(source, at, what);
    }

    void enter() {
        if (++depth > DEEPEST) {
            throw fail(peek().at(), "nested deeper than %d levels".formatted(DEEPEST));
        }
    }

    void leave() {
        depth--;
    }
}
