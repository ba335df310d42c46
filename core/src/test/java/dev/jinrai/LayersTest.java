package dev.jinrai;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The packages depend on each other as docs/architecture.md draws it.
class LayersTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.jinrai");

    @Test
    void packagesFormNoCycle() {
        slices().matching("dev.jinrai.(*)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void textKnowsNothingNumeric() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.jinrai.tokenizer..",
                        "dev.jinrai.chat..",
                        "dev.jinrai.grammar..",
                        "dev.jinrai.sampler..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.jinrai.format..",
                        "dev.jinrai.backend..",
                        "dev.jinrai.model..",
                        "dev.jinrai.arch..")
                .check(CLASSES);
    }

    @Test
    void backendsKnowNoModelAndNoFile() {
        noClasses()
                .that()
                .resideInAPackage("dev.jinrai.backend..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.jinrai.gguf..",
                        "dev.jinrai.model..",
                        "dev.jinrai.arch..",
                        "dev.jinrai.trace..")
                .check(CLASSES);
    }

    @Test
    void theVectorModuleIsMentionedByTheVectorBackendAndTheSearchesOfEncodersOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.jinrai.backend.vector..")
                .and()
                .haveNameNotMatching("dev\\.jinrai\\.format\\.\\w*Lanes")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .check(CLASSES);
    }

    @Test
    void nothingIsPrintedAndNothingExits() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(CLASSES);
    }
}
