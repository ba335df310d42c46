package dev.jinrai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.Backends;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SelfTestTest {
    private static Backend scalar() {
        return Backends.named("scalar").open(new BackendOptions(1));
    }

    /// {@return the scalar backend, but for one verb that does something else}
    private static Backend wrong(String verb, Runnable instead) {
        Backend right = scalar();
        return (Backend)
                Proxy.newProxyInstance(
                        Backend.class.getClassLoader(),
                        new Class<?>[] {Backend.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals(verb)) {
                                instead.run();
                                return null;
                            }
                            try {
                                return method.invoke(right, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    private static List<Check> failures(Backend backend) {
        List<Check> checks = new ArrayList<>();
        new SelfTest(scalar(), backend, checks::add).run();
        assertThat(checks).hasSizeGreaterThan(35);
        return checks.stream().filter(c -> !c.ok()).toList();
    }

    @Test
    void theSpecificationIsItself() {
        assertThat(failures(scalar())).isEmpty();
    }

    @Test
    void aVerbThatDoesNothingIsFound() {
        assertThat(failures(wrong("add", () -> {}))).extracting(Check::name).containsExactly("add");
        assertThat(failures(wrong("topK", () -> {})))
                .extracting(Check::name)
                .contains("topK", "combine", "matmulExperts Q4_K");
    }

    @Test
    void aVerbThatThrowsIsFoundAndTheOthersAreTriedAllTheSame() {
        List<Check> failures =
                failures(
                        wrong(
                                "softmax",
                                () -> {
                                    throw new BackendException("lost");
                                }));
        assertThat(failures).extracting(Check::name).containsExactly("softmax");
        assertThat(failures.getFirst().problem()).isEqualTo("lost");
    }

    @Test
    void notANumberIsNoAgreement() {
        assertThat(
                        new Check(
                                        "x",
                                        SelfTest.error(new float[] {Float.NaN}, new float[] {1}),
                                        1,
                                        0,
                                        "")
                                .ok())
                .isFalse();
        assertThat(SelfTest.error(new float[] {1}, new float[] {1, 2})).isNaN();
        assertThat(SelfTest.error(new float[] {2.5f, 0}, new float[] {2, 0})).isEqualTo(0.25);
    }

    @Test
    void theProcessorPasses() {
        Captured result = Captured.run("selftest", "-b", "cpu", "--json");

        assertThat(result.code()).as(result.out() + result.err()).isZero();
        JsonNode device = JsonMapper.shared().readTree(result.out()).get(0);
        assertThat(device.get("backend").asString()).isEqualTo("cpu");
        assertThat(device.get("ok").asBoolean()).isTrue();
        assertThat(device.get("checks").valueStream().map(c -> c.get("name").asString()))
                .contains("matmul Q6_K", "attention f16", "rope HALVES", "demo model");
    }
}
