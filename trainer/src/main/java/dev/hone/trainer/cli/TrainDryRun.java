package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.trainer.domains.Curator;
import dev.hone.trainer.domains.MethodData;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.run.DataCounts;
import dev.hone.trainer.run.DryRun;
import dev.hone.trainer.run.FineTuningData;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.RunDirectory;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** {@code hone train --dry-run}. */
final class TrainDryRun {

    private TrainDryRun() {}

    /** @param strict whether the first malformed row stops; otherwise such rows are set aside in a temporary folder */
    static void run(Recipe recipe, RunDirectory directory, boolean overwrite, boolean strict, JsonOption json) {
        // Also where the recipe says where to set rows aside: that is for the run to write.
        Recipe stopping = recipe.settingAside(null);
        if (strict) {
            print(recipe, dryRun(stopping, directory, overwrite), json);
            return;
        }
        try {
            Path malformed = Files.createTempDirectory("hone-malformed-");
            try {
                print(recipe, dryRun(stopping.settingAside(malformed), directory, overwrite), json);
            } finally {
                deleteEmpty(malformed);
            }
        } catch (IOException e) {
            throw new UserError(
                    "No temporary folder for malformed rows (" + UserError.reason(e)
                            + "); give one by TMPDIR, or --strict",
                    e);
        }
    }

    private static DryRun dryRun(Recipe recipe, RunDirectory directory, boolean overwrite) {
        DryRun.Data data = recipe.isMethod()
                ? (fixed, tokenizing) -> MethodData.open(fixed, tokenizing)
                        .counts(fixed, tokenizing, new Curator(fixed, tokenizing.format(), directory.curated()))
                : (fixed, tokenizing) -> FineTuningData.open(fixed, tokenizing).counts(fixed);
        return DryRun.of(recipe, directory, overwrite, data, Output.standard());
    }

    /** What was set aside stays, as the warning that was given says where it is. */
    private static void deleteEmpty(Path folder) throws IOException {
        try {
            Files.delete(folder);
        } catch (DirectoryNotEmptyException e) {
            // Has rows in it.
        }
    }

    private static void print(Recipe recipe, DryRun found, JsonOption json) {
        DataCounts data = found.data();
        if (json.on) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("domains", data.domains());
            all.put("max_length", data.maxLength());
            all.put("steps", data.steps());
            all.put("memory", MemoryTable.bytes(found.memory()));
            System.out.println(new JsonMapper().writeValueAsString(all));
            return;
        }
        data.domains()
                .forEach((name, domain) -> System.out.printf(
                        Locale.ROOT,
                        "%s: %,d pairs, %,d tokens, the longest %,d of at most %,d%n",
                        name,
                        domain.pairs(),
                        domain.tokens(),
                        domain.longest(),
                        data.maxLength()));
        String bound = recipe.isMethod() ? "at most " : "";
        data.steps()
                .forEach((stage, steps) -> System.out.printf(Locale.ROOT, "%s: %s%,d steps%n", stage, bound, steps));
        System.out.print(MemoryTable.text(found.memory()));
    }
}
