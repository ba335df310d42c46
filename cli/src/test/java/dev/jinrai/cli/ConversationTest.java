package dev.jinrai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.Generation;
import dev.jinrai.Generation.Finish;
import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.chat.ChatTemplate;
import dev.jinrai.sampler.Sampling;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConversationTest {
    private static final String QUESTION = "What is the capital of France?";

    private final Model model =
            Model.open(Path.of(Repository.f16()), ModelOptions.DEFAULTS.withBackend("scalar"));
    private final Conversation conversation =
            new Conversation(
                    model,
                    Chat.of(ChatTemplate.from(model.metadata(), model.tokenizer().vocabulary())),
                    Optional.empty(),
                    Generation.Options.defaults().withSampling(Sampling.greedy()));

    @AfterEach
    void close() {
        conversation.close();
        model.close();
    }

    @ParameterizedTest
    @ValueSource(classes = {OutOfMemoryError.class, OutputException.class})
    void aTurnThatFailsLeavesNothingBehind(Class<? extends Throwable> kind) {
        assertThatThrownBy(() -> conversation.say("My name is Bob.", _ -> {}, _ -> fail(kind)))
                .isInstanceOf(kind);

        assertThat(conversation.turns()).isZero();
        Answer answer = conversation.say(QUESTION, _ -> {}, _ -> {});
        assertThat(answer.text()).isEqualTo("The capital of France is Paris.");
        assertThat(answer.prompt()).hasSize(19); // the question alone
    }

    @Test
    void anotherAnswerThatFailsLeavesTheOneBefore() {
        conversation.say(QUESTION, _ -> {}, _ -> {});

        assertThatThrownBy(() -> conversation.again(_ -> {}, _ -> fail(OutOfMemoryError.class)))
                .isInstanceOf(OutOfMemoryError.class);

        assertThat(conversation.turns()).isEqualTo(1);
        assertThat(conversation.undo()).contains(QUESTION);
    }

    @Test
    void anAnswerStoppedBeforeItsFirstTokenIsEmpty() {
        Answer answer = conversation.say(QUESTION, Generation::cancel, _ -> {});

        assertThat(answer.finish()).isEqualTo(Finish.CANCELLED);
        assertThat(answer.text()).isEmpty();
        assertThat(answer.timingLine()).startsWith("prompt 19 tok").doesNotContain("first");
    }

    private static void fail(Class<? extends Throwable> kind) {
        if (kind == OutOfMemoryError.class) {
            throw new OutOfMemoryError("Java heap space");
        }
        throw new OutputException(new java.io.IOException("No space left on device"));
    }
}
