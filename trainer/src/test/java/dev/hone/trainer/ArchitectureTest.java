package dev.hone.trainer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Holds the directions drawn in ARCHITECTURE.md. */
class ArchitectureTest {

    private static final JavaClasses HONE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.hone");

    @Test
    void everyModuleIsSeen() {
        for (String module : new String[] {"kernels", "datasets", "checkpoints", "benchmarks", "trainer"}) {
            assertThat(HONE.stream().anyMatch(c -> c.getPackageName().startsWith("dev.hone." + module)))
                    .as(module)
                    .isTrue();
        }
    }

    @Test
    void modulesPointOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.hone..")
                .layer("kernels")
                .definedBy("dev.hone.kernels..")
                .layer("datasets")
                .definedBy("dev.hone.datasets..")
                .layer("checkpoints")
                .definedBy("dev.hone.checkpoints..")
                .layer("benchmarks")
                .definedBy("dev.hone.benchmarks..")
                .layer("trainer")
                .definedBy("dev.hone.trainer..")
                .whereLayer("kernels")
                .mayOnlyBeAccessedByLayers("checkpoints", "trainer")
                .whereLayer("checkpoints")
                .mayOnlyBeAccessedByLayers("trainer")
                .whereLayer("datasets")
                .mayOnlyBeAccessedByLayers("benchmarks", "trainer")
                .whereLayer("benchmarks")
                .mayOnlyBeAccessedByLayers("trainer")
                .whereLayer("trainer")
                .mayNotBeAccessedByAnyLayer()
                .check(HONE);
    }

    @Test
    void packagesHaveNoCycles() {
        for (String module : new String[] {"kernels", "datasets", "checkpoints", "benchmarks", "trainer"}) {
            slices().matching("dev.hone." + module + ".(*)..")
                    .should()
                    .beFreeOfCycles()
                    .allowEmptyShould(true)
                    .check(HONE);
        }
    }

    @Test
    void theReferenceDeviceNeedsNoNativeLibraryOfOurs() {
        noClasses()
                .that()
                .resideInAPackage("dev.hone.kernels.nd4j..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.hone.kernels.nativ..")
                .check(HONE);
    }

    @Test
    void nothingBelowTheCommandLineKnowsIt() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.hone.trainer.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.hone.trainer.cli..", "picocli..")
                .check(HONE);
    }

    @Test
    void modelWeightsAreTheOnlyThingLearnersShare() {
        noClasses()
                .that()
                .resideInAPackage("dev.hone.trainer.model..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.hone.trainer.sft..",
                        "dev.hone.trainer.rl..",
                        "dev.hone.trainer.generate..",
                        "dev.hone.trainer.domains..",
                        "dev.hone.trainer.run..",
                        "dev.hone.trainer.recipe..")
                .check(HONE);
    }
}
