package dev.jinrai.grammar;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Which texts an answer may be. Immutable; threads may share one.
///
/// Made of GBNF, llama.cpp's notation for grammars, or of a JSON Schema. Every rule ends for some text, and none begins with
/// itself.
public final class Grammar {
    private final Map<String, Expr> rules;
    private final String root;
    private final Program program;

    private Grammar(Map<String, Expr> rules, String root, Program program) {
        this.rules = rules;
        this.root = root;
        this.program = program;
    }

    /// {@return the grammar that a text in GBNF describes; its rule `root` is a whole answer}
    ///
    /// @throws GrammarException if it cannot be read, at a line and a column
    public static Grammar parse(String gbnf) {
        return GbnfParser.parse(gbnf);
    }

    /// {@return the grammar of JSON texts that a JSON Schema accepts, if not of all of them (docs/grammar.md)}
    ///
    /// @throws GrammarException if it cannot be read, or has a keyword that cannot be enforced, which is named
    public static Grammar ofJsonSchema(String schema) {
        return JsonSchema.grammar(schema);
    }

    /// @throws RuleException if a rule is not there, has no end, or begins with itself
    static Grammar of(Map<String, Expr> rules, String root) {
        Program program = Compiler.compile(rules, root);
        long[] costs = Costs.of(program);
        for (int rule = 0; rule < program.entries.length; rule++) {
            if (costs[program.entries[rule]] == Costs.INFINITE) {
                String name = program.ruleNames.get(rule);
                throw Costs.hasEnd(program, program.entries[rule])
                        ? RuleException.tooLong(name)
                        : new RuleException(
                                name,
                                "rule '%s' has no end: every way to finish it calls for more"
                                        .formatted(name));
            }
        }
        LeftRecursion.refuse(program, costs);
        return new Grammar(Collections.unmodifiableMap(new LinkedHashMap<>(rules)), root, program);
    }

    Program program() {
        return program;
    }

    /// {@return the grammar in GBNF, as [#parse] and llama.cpp read it; rules have other names where GBNF knows none like theirs}
    @Override
    public String toString() {
        return new GbnfWriter(rules, root).write();
    }
}
