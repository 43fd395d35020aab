package dev.hone.trainer.domains;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.AttemptJournal;
import dev.hone.datasets.curate.Band;
import dev.hone.datasets.curate.CharacterLimits;
import dev.hone.datasets.curate.Decontaminator;
import dev.hone.datasets.curate.Deduplicator;
import dev.hone.datasets.curate.Dropped;
import dev.hone.datasets.curate.EdgeFinder;
import dev.hone.datasets.curate.EdgeRule;
import dev.hone.datasets.curate.LengthFilter;
import dev.hone.datasets.curate.PairRule;
import dev.hone.datasets.curate.QualityRules;
import dev.hone.datasets.curate.ScriptFilter;
import dev.hone.datasets.curate.Selection;
import dev.hone.datasets.curate.TeachabilityFilter;
import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairJson;
import dev.hone.datasets.pairs.PairWriter;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.text.PairFormat;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.run.AskedModel;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.PairSources;
import dev.hone.trainer.run.Progress;
import dev.hone.trainer.run.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Chooses, among a domain's candidates, the pairs just beyond what a model can do. */
public final class Curator {

    private final Recipe recipe;
    private final PairFormat format;
    private final List<String> heldOut;
    private final Path folder;

    /**
     * Nothing that {@code recipe} judges models by is ever chosen.
     *
     * @param folder where what is chosen, and what is not, is written
     */
    public Curator(Recipe recipe, PairFormat format, Path folder) {
        this(recipe, format, folder, HeldOut.of(recipe));
    }

    Curator(Recipe recipe, PairFormat format, Path folder, HeldOut heldOut) {
        this.recipe = recipe;
        this.format = format;
        this.folder = folder;
        this.heldOut = heldOut.pairs().stream().map(Pair::prompt).toList();
    }

    /**
     * The domain's candidates, each with the number of its source.
     *
     * @throws UserError where one has no response to learn from
     */
    static List<Pair> candidates(Recipe.Domain domain) {
        List<Pair> candidates = new ArrayList<>();
        List<List<Pair>> sources = PairSources.bySource(domain.candidates(), Split.TRAIN);
        for (int i = 0; i < sources.size(); i++) {
            for (Pair pair : sources.get(i)) {
                candidates.add(pair.withMetadata(Mixtures.SOURCE, i + 1));
            }
        }
        for (Pair pair : candidates) {
            if (pair.response() == null) {
                throw new UserError("Candidate " + pair.id() + " of domain " + domain.name()
                        + " has no response to train on; give it one or leave the pair out");
            }
        }
        return candidates;
    }

    /** The domain's candidates without what the rules drop, what is too long, duplicates, and what models are judged by. */
    public Selection clean(Recipe.Domain domain) {
        Recipe.Curate settings = recipe.curate();
        Selection ruled = Selection.of(candidates(domain));
        for (PairRule rule : rules(settings)) {
            ruled = ruled.then(rule::filter);
        }
        return ruled.then(new LengthFilter(format, recipe.sft().maxLength())::filter)
                .then(new Deduplicator(settings.duplicateThreshold(), recipe.seed())::filter)
                .then(new Decontaminator(heldOut, settings.contaminationNgram())::filter);
    }

    /** Those the recipe names; cheap ones first. */
    private static List<PairRule> rules(Recipe.Curate settings) {
        List<PairRule> rules = new ArrayList<>();
        if (settings.minPromptChars() != null || settings.minResponseChars() != null || settings.maxChars() != null) {
            rules.add(new CharacterLimits(
                    Objects.requireNonNullElse(settings.minPromptChars(), 0),
                    Objects.requireNonNullElse(settings.minResponseChars(), 0),
                    Objects.requireNonNullElse(settings.maxChars(), Integer.MAX_VALUE)));
        }
        if (!settings.scripts().isEmpty()) {
            rules.add(new ScriptFilter(settings.scripts()));
        }
        if (settings.qualityRules()) {
            rules.add(new QualityRules());
        }
        return rules;
    }

    /**
     * Cleans a domain's candidates and, of what is left, chooses those at the edge of what a model can do. In the folder
     * lie then {@code <domain>.jsonl} with the pairs kept and {@code <domain>-dropped.jsonl} with the others, each with
     * its reason. Beside them grows {@code <domain>.attempts.jsonl}: started again after any stop, nothing that is in it
     * is generated or graded again.
     *
     * @param model as it then is; {@code modelHash} must say which it is
     * @param between called between steps of generation; it may throw to stop
     */
    public Selection curate(Recipe.Domain domain, AskedModel model, String modelHash, Output output, Runnable between) {
        Recipe.Curate settings = recipe.curate();
        SolveOptions options = new SolveOptions(
                settings.attempts(), settings.temperature(), settings.topP(), settings.maxTokens(), recipe.seed());
        Selection clean = clean(domain);
        long attempts = (long) clean.kept().size() * settings.attempts();
        try (AttemptJournal journal =
                new AttemptJournal(folder.resolve(domain.name() + ".attempts.jsonl"), modelHash)) {
            long known = new EdgeFinder((prompts, unused) -> List.of(), options, journal).known(clean.kept());
            if (known > 0) {
                output.line(
                        "%s: %d of %d attempts are in %s already".formatted(domain.name(), known, attempts, folder));
            }
            Selection selection;
            try (Progress progress = output.progress("curate " + domain.name(), known, attempts)) {
                EdgeFinder finder = new EdgeFinder(model.solver(progress.generation(between)), options, journal);
                selection = clean.then(new TeachabilityFilter(finder, rule())::filter);
            }
            PairWriter.write(
                    others(domain.name()),
                    selection.dropped().stream().map(Dropped::labelled).toList());
            PairWriter.write(kept(domain.name()), selection.kept());
            return selection;
        }
    }

    /** Where a domain's chosen pairs are. */
    public Path kept(String domain) {
        return folder.resolve(domain + ".jsonl");
    }

    private Path others(String domain) {
        return folder.resolve(domain + "-dropped.jsonl");
    }

    /** How many of a domain's candidates were dropped, by reason. */
    Map<String, Integer> dropped(String domain) {
        Map<String, Integer> counts = new TreeMap<>();
        try (Stream<String> lines = Files.lines(others(domain))) {
            lines.forEach(line -> counts.merge(
                    PairJson.object(line).path("metadata").path("dropped").asString(), 1, Integer::sum));
        } catch (IOException | MalformedPair e) {
            throw new UserError(others(domain) + ": cannot be read (" + e + "); curate the domain again", e);
        }
        return counts;
    }

    private EdgeRule rule() {
        Recipe.Curate settings = recipe.curate();
        return new EdgeRule(
                new Band(settings.minPassRate(), settings.maxPassRate()),
                settings.weighting().equals("edge"));
    }
}
