package dev.jinrai.jinja;

import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/// A Jinja template, read once. Immutable; threads may share it.
public final class Template {
    private final String source;
    private final List<Statement> statements;
    private final Frame frame = new Frame();

    private Template(String source, List<Statement> statements) {
        this.source = source;
        this.statements = statements;
        Symbols.resolve(statements, frame);
    }

    /// Reads a template.
    ///
    /// @throws TemplateException if it is not Jinja, or what it needs is not here
    public static Template parse(String source) {
        String normalized = Lexer.normalize(source);
        try {
            return new Template(normalized, TemplateParser.parse(normalized));
        } catch (Problem e) {
            throw TemplateException.at(normalized, 0, String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            // The depth is bounded, but a caller's thread may have a small stack.
            throw TemplateException.at(
                    normalized, 0, "nested deeper than this thread's stack allows");
        }
    }

    /// {@return the text for these variables, within [Limits#DEFAULT]}
    ///
    /// @throws TemplateException as [#render(Map, Limits, Clock)]
    public String render(Map<String, ?> variables) {
        return render(variables, Limits.DEFAULT, Clock.system(ZoneId.systemDefault()));
    }

    /// {@return the text for these variables}
    ///
    /// @param variables null, strings, booleans, numbers, lists and maps of them
    /// @param clock what `strftime_now` reads
    /// @throws TemplateException if the template refuses them (`raise_exception`), fails, or takes
    ///     more than the limits
    /// @throws IllegalArgumentException if a variable is of another type
    public String render(Map<String, ?> variables, Limits limits, Clock clock) {
        Interpreter interpreter = new Interpreter(limits, clock);
        try {
            return rendered(interpreter, Interpreter.context(variables, interpreter.budget()));
        } catch (Problem e) {
            throw TemplateException.at(source, interpreter.place(), String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            // The depth is bounded, but a caller's thread may have a small stack.
            throw TemplateException.at(
                    source, interpreter.place(), "nested deeper than this thread's stack allows");
        }
    }

    /// A fault of the engine is the template's failure too: a caller gets one kind of exception.
    private String rendered(Interpreter interpreter, Map<String, Object> context) {
        try {
            return interpreter.render(statements, frame, context);
        } catch (Problem e) {
            throw e;
        } catch (RuntimeException e) {
            TemplateException failure =
                    TemplateException.at(
                            source, interpreter.place(), "this engine has a fault: " + e);
            failure.initCause(e);
            throw failure;
        }
    }
}
