/// Jinja: the language that chat templates are written in.
///
/// ```java
/// Template template = Template.parse("{% for m in messages %}{{ m.content | trim }}{% endfor %}");
/// String text = template.render(Map.of("messages", List.of(Map.of("content", " Hi "))));
/// ```
///
/// Source to [tokens][Lexer], to [statements][TemplateParser] and [expressions][ExpressionParser],
/// which the [Interpreter] and the [Evaluator] go through. Values are Java's: `String`, `Boolean`,
/// `Long`, `BigInteger`, `Double`, `List`, `Map`; what Java lacks has a class here ([None],
/// [Undefined], [Tuple], [Markup], [Lazy]…). Nothing but a [Namespace] can be changed.
///
/// **The one rule: what Python's jinja2 prints, in the immutable sandbox and with the settings of
/// Hugging Face** (`trim_blocks`, `lstrip_blocks`, loop controls, `tojson` as `json.dumps`): authors
/// of templates see nothing else. Where jinja2 fails, this fails.
///
/// A template comes from a stranger: all that loops, grows or recurses asks the [Budget].
///
/// Start reading at [Template]. No package of the engine is known here.
@NullMarked
package dev.jinrai.jinja;

import org.jspecify.annotations.NullMarked;
