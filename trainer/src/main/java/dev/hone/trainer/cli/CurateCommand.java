package dev.hone.trainer.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.hone.datasets.UserError;
import dev.hone.datasets.text.PairFormat;
import dev.hone.trainer.domains.Curated;
import dev.hone.trainer.domains.Curator;
import dev.hone.trainer.recipe.DomainKeys;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.run.AskedModel;
import dev.hone.trainer.run.ChatUse;
import dev.hone.trainer.run.HubSources;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.ModelSource;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Teachable;
import dev.hone.trainer.screen.ScreenReport;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "curate",
        description =
                "Chooses, among the candidates of a recipe's domains, the pairs just beyond what the model can do.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone curate recipes/quickstart/quickstart.yaml --output teachable",
            "  hone curate my.yaml --domain math --model runs/math --output teachable",
            "",
            "Writes <domain>.jsonl, each pair with its pass rate, and <domain>-dropped.jsonl, each with its reason.",
            "Every attempt is kept in <domain>.attempts.jsonl as it is made: stopped, even killed, the same command goes"
                    + " on without making any of them again."
        })
final class CurateCommand implements Runnable {

    @Parameters(paramLabel = "RECIPE", description = "A recipe with domains.")
    private Path recipe = Path.of("");

    @Option(names = "--output", paramLabel = "DIR", required = true, description = "Where to write the pairs.")
    private Path output = Path.of("");

    @Option(names = "--domain", paramLabel = "NAME", description = "Only this domain.")
    private @Nullable String domain;

    @Option(names = "--model", paramLabel = "MODEL", description = "Another model than the recipe's.")
    private @Nullable Path model;

    @Option(names = "--strict", description = "Stop at the first malformed row instead of setting it aside.")
    private boolean strict;

    @Mixin
    private final SetOption set = new SetOption();

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Mixin
    private final DtypeOption dtype = new DtypeOption();

    @Mixin
    private final JsonOption json = new JsonOption();

    /** As JSON: the counts, and what the screen spent, where there was one. */
    private record Found(
            @JsonUnwrapped Teachable teachable,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Map<String, Object> screen) {}

    @Override
    public void run() {
        Output lines = Output.standard();
        Recipe read = HubSources.fetched(RecipeReader.read(recipe, set.changes), lines)
                .settingAside(strict ? null : output.resolve("malformed"));
        read.verification().use(output);
        List<DomainKeys> domains = read.domains().stream()
                .filter(one -> domain == null || one.name().equals(domain))
                .toList();
        if (domains.isEmpty()) {
            throw new UserError(recipe + " has no domain" + (domain == null ? "s" : " " + domain)
                    + "; curation needs a recipe that lists it under domains");
        }
        @Nullable Path from = model == null ? read.model().path() : HubSources.model(model, lines);
        Map<String, Found> found = Curator.asksOnlyServed(read.curate())
                ? byServed(read, domains, from, lines)
                : byModel(read, domains, from, lines);
        if (json.on) {
            System.out.println(new JsonMapper().writeValueAsString(found));
        }
    }

    /** Whose weights need not be here. */
    private Map<String, Found> byServed(Recipe read, List<DomainKeys> domains, @Nullable Path from, Output lines) {
        try (ModelSource source =
                from == null ? ModelSource.of(read.model()) : ModelSource.of(from, ChatUse.of(read.model()))) {
            return curate(read, domains, source.format(), null, "", lines);
        }
    }

    private Map<String, Found> byModel(Recipe read, List<DomainKeys> domains, @Nullable Path from, Output lines) {
        if (from == null) {
            throw new UserError(recipe + " starts from random weights, which answer nothing; give --model");
        }
        try (Inference inference = Inference.open(
                from,
                ChatUse.of(read.model()),
                device.orElse(read.device()),
                dtype.orElse(read.model().dtype()),
                read.sft().maxLength() + read.curate().maxTokens(),
                lines)) {
            String hash = inference.source().sha256(read.seed());
            return curate(read, domains, inference.format(), inference, hash, lines);
        }
    }

    private Map<String, Found> curate(
            Recipe read,
            List<DomainKeys> domains,
            PairFormat format,
            @Nullable AskedModel asked,
            String hash,
            Output lines) {
        Map<String, Found> found = new LinkedHashMap<>();
        Curator curator = new Curator(read, format, output);
        for (DomainKeys one : domains) {
            Curated curated = curator.curate(one, asked, hash, lines, () -> {});
            Teachable teachable = Teachable.of(curated.selection());
            ScreenReport screen = curated.screen();
            found.put(one.name(), new Found(teachable, screen == null ? null : screen.figures()));
            lines.line(one.name() + ": " + teachable + "; written to " + curator.kept(one.name()));
            if (screen != null) {
                lines.line(one.name() + ": " + screen);
            }
        }
        return found;
    }
}
