package dev.jinrai.cli;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.chat.ChatInput;
import dev.jinrai.chat.ChatTemplate;
import dev.jinrai.chat.Message;
import dev.jinrai.chat.Tools;
import dev.jinrai.chat.output.OutputFormat;
import dev.jinrai.chat.output.OutputParser;
import dev.jinrai.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a conversation becomes a prompt, and how the answer is read.
///
/// @param variables what the template is told besides
record Chat(ChatTemplate template, OutputFormat format, Tools tools, Map<String, ?> variables) {

    /// A template alone, and what it shows about the answers.
    static Chat of(ChatTemplate template) {
        return new Chat(template, OutputFormat.of(template), Tools.NONE, Map.of());
    }

    /// Nothing around the text.
    static Chat raw(Model model) {
        return of(TemplateArguments.none(model));
    }

    /// A conversation as tokens, and who reads the answer to it.
    static final class Prompt {
        private final int[] ids;
        private final OutputParser parser;

        private Prompt(int[] ids, OutputParser parser) {
            this.ids = ids;
            this.parser = parser;
        }

        int[] ids() {
            return ids;
        }

        OutputParser parser() {
            return parser;
        }
    }

    /// {@return the prompt of a conversation, which ends where the assistant's answer begins}
    Prompt prompt(Tokenizer tokenizer, Optional<String> system, List<Message> messages) {
        var all = new ArrayList<Message>();
        system.map(Message::system).ifPresent(all::add);
        all.addAll(messages);
        String text = template.render(ChatInput.of(all).withTools(tools).withVariables(variables));
        return new Prompt(tokenizer.encode(text, true, true), format.parser(text, tools));
    }

    /// {@return options by which the answer shows the marks that its reader has to see}
    Generation.Options marked(Generation.Options options) {
        return options.withPrinted(format.marks());
    }
}
