/// Constrained output: an answer is a text of a grammar, whatever the model says.
///
/// ```java
/// Grammar grammar = Grammar.parse("root ::= \"yes\" | \"no\"");
/// Constraint constraint = Constraint.of(grammar, tokenizer);
/// Guide guide = constraint.guide(100);
/// guide.permitted().has(id);
/// ```
///
/// GBNF ([GbnfParser]) or a JSON Schema ([JsonSchema]) to rules ([Expr]), to a graph over bytes ([Program]), to the states that texts go
/// through ([Automaton], whose [Stack]s are all that may follow, as one value), to the tokens that may follow ([Masks]).
///
/// **The one rule: a token is permitted if the text with it can still be completed in the tokens that are left.** So an answer is complete
/// when it ends, be it by its limit.
///
/// A grammar may come from a stranger: what it can cost is bounded. Start reading at [Grammar], then [Guide] and [Masks].
@NullMarked
package dev.jinrai.grammar;

import org.jspecify.annotations.NullMarked;
