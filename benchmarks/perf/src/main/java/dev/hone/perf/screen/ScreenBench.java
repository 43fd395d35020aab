package dev.hone.perf.screen;

import dev.hone.datasets.curate.AttemptJournal;
import dev.hone.datasets.curate.Band;
import dev.hone.datasets.curate.EdgeFeatures;
import dev.hone.datasets.curate.EdgeFinder;
import dev.hone.datasets.curate.EdgeFinder.Measured;
import dev.hone.datasets.curate.EdgeRule;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.trainer.domains.Curated;
import dev.hone.trainer.domains.Curator;
import dev.hone.trainer.recipe.CurateKeys;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.run.ChatUse;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.screen.Calibration;
import dev.hone.trainer.screen.ScreenReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;

/**
 * Curation with the screen and without, by turns, of the quickstart's base model on tasks of all levels, some of which it
 * has mastered and some of which are beyond it: how many generations and seconds it takes to find as many pairs at the
 * edge. Without the screen candidates are attempted in random order until there are as many.
 */
public final class ScreenBench {

    private static final int LONGEST = 608;

    private ScreenBench() {}

    /** What finding pairs took. */
    private record Cost(int kept, int attempted, double seconds) {}

    /** @param arguments the pairs wanted (700), how often it is done, with other seeds (3), and the attempts at each (4) */
    public static void main(String[] arguments) throws IOException {
        int wanted = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 700;
        int seeds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        int attempts = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 4;
        Path base = Path.of(System.getProperty("hone.root", "."), "recipes", "quickstart", "base");
        Path folder = Files.createTempDirectory("hone-screen-");
        Output output = Output.standard();
        System.out.println(
                "| seed | pairs kept | candidates attempted | without | generations saved | seconds | without"
                        + " | seconds saved | AUC | Brier (constant) | ECE |");
        System.out.println("| --- |" + " ---: |".repeat(10));
        try (Inference model = Inference.open(base.toAbsolutePath(), ChatUse.AUTO, "auto", "auto", LONGEST, output)) {
            for (int seed = 1; seed <= seeds; seed++) {
                Path recipe = folder.resolve(seed + ".yaml");
                Files.writeString(recipe, recipe(base, wanted, seed, attempts));
                run(RecipeReader.read(recipe), model, folder.resolve(Integer.toString(seed)), output);
            }
        }
    }

    private static String recipe(Path base, int wanted, int seed, int attempts) {
        return """
                seed: %d
                model: {path: %s}
                domains:
                  - name: mixed
                    candidates:
                      - {generator: arithmetic, count: 1000, seed: %d}
                      - {generator: linear_equation, count: 1000, seed: %d}
                      - {generator: knights_knaves, count: 1000, seed: %d}
                      - {generator: propositional, count: 500, seed: %d}
                      - {generator: string_program, count: 500, seed: %d}
                    validation: [{generator: arithmetic, levels: [1], count: 2, seed: 11}]
                    benchmark: [{generator: arithmetic, levels: [1], count: 2, seed: 12}]
                curate:
                  attempts: %d
                  max_tokens: 96
                  min_pass_rate: 0.25
                  max_pass_rate: 0.75
                  screen: {pairs: %d}
                """.formatted(
                        seed,
                        base.toAbsolutePath(),
                        100 + seed,
                        100 + seed,
                        100 + seed,
                        100 + seed,
                        100 + seed,
                        attempts,
                        wanted);
    }

    private static void run(Recipe recipe, Inference model, Path folder, Output output) {
        long start = System.nanoTime();
        Curated curated = new Curator(recipe, model.format(), folder)
                .curate(recipe.domains().get(0), model, "base", output, () -> {});
        ScreenReport report = Objects.requireNonNull(curated.screen());
        Cost with = new Cost(report.kept(), report.attempted(), seconds(start));
        Cost without = attemptAtRandom(recipe, model, folder, with.kept(), output);
        Calibration held = Objects.requireNonNull(report.quality()).teachable();
        System.out.printf(
                Locale.ROOT,
                "| %d | %,d | %,d | %,d | %,d (%.0f%%) | %.1f | %.1f | %.1f (%.0f%%) | %.3f | %.3f (%.3f) | %.3f |%n",
                recipe.seed(),
                with.kept(),
                with.attempted(),
                without.attempted(),
                (without.attempted() - with.attempted()) * recipe.curate().attempts(),
                100.0 * (without.attempted() - with.attempted()) / without.attempted(),
                with.seconds(),
                without.seconds(),
                without.seconds() - with.seconds(),
                100 * (without.seconds() - with.seconds()) / without.seconds(),
                held.auc(),
                held.brier(),
                held.brierConstant(),
                held.ece());
    }

    /** In batches, as the screen does it, and in a random order of its own. */
    private static Cost attemptAtRandom(Recipe recipe, Inference model, Path folder, int wanted, Output output) {
        long start = System.nanoTime();
        CurateKeys settings = recipe.curate();
        EdgeRule rule = new EdgeRule(new Band(settings.minPassRate(), settings.maxPassRate()), false);
        List<Pair> rest = new ArrayList<>(new Curator(recipe, model.format(), folder)
                .clean(recipe.domains().get(0))
                .kept());
        Collections.shuffle(rest, new Random(~recipe.seed()));
        SolveOptions options = new SolveOptions(
                settings.attempts(), settings.temperature(), settings.topP(), settings.maxTokens(), recipe.seed());
        int kept = 0;
        int attempted = 0;
        try (AttemptJournal journal = new AttemptJournal(folder.resolve("random.attempts.jsonl"), "base")) {
            while (kept < wanted && !rest.isEmpty()) {
                double rate = kept == 0 ? 1 : (double) kept / attempted;
                int count = attempted == 0 ? 400 : Math.max(32, (int) (0.7 * (wanted - kept) / rate));
                List<Pair> batch = rest.subList(0, Math.min(rest.size(), count));
                output.line("without: " + batch.size() + " more");
                EdgeFinder finder = new EdgeFinder(model.solver((done, total, tokens) -> {}), options, journal);
                for (Measured measured : finder.measure(batch)) {
                    EdgeFeatures features = measured.features();
                    // Those after the last that is wanted are not counted, so that it owes nothing to its batches.
                    if (kept < wanted) {
                        attempted++;
                        kept += features != null && rule.keeps(features.passRate()) ? 1 : 0;
                    }
                }
                batch.clear();
            }
        }
        return new Cost(kept, attempted, seconds(start));
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
