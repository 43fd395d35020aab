package dev.hone.trainer.domains;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.AttemptJournal;
import dev.hone.datasets.curate.Band;
import dev.hone.datasets.curate.CharacterLimits;
import dev.hone.datasets.curate.Decontaminator;
import dev.hone.datasets.curate.Deduplicator;
import dev.hone.datasets.curate.Dropped;
import dev.hone.datasets.curate.EdgeRule;
import dev.hone.datasets.curate.LanguageFilter;
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
import dev.hone.datasets.text.PairFormat;
import dev.hone.trainer.recipe.CurateKeys;
import dev.hone.trainer.recipe.DomainKeys;
import dev.hone.trainer.recipe.JudgeKeys;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.ScreenKeys;
import dev.hone.trainer.recipe.ServedKeys;
import dev.hone.trainer.run.AskedModel;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.PairSources;
import dev.hone.trainer.run.Split;
import dev.hone.trainer.screen.ScreenOptions;
import dev.hone.trainer.screen.ScreenReport;
import dev.hone.trainer.screen.ScreenedSearch;
import dev.hone.trainer.screen.ScreenedSearch.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
    static List<Pair> candidates(DomainKeys domain) {
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
    public Selection clean(DomainKeys domain) {
        CurateKeys settings = recipe.curate();
        Selection ruled = Selection.of(candidates(domain));
        for (PairRule rule : rules(settings)) {
            ruled = ruled.then(rule::filter);
        }
        return ruled.then(new LengthFilter(format, recipe.sft().maxLength())::filter)
                .then(new Deduplicator(settings.duplicateThreshold(), recipe.seed())::filter)
                .then(new Decontaminator(heldOut, settings.contaminationNgram())::filter);
    }

    /** Those the recipe names; cheap ones first. */
    private static List<PairRule> rules(CurateKeys settings) {
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
        if (!settings.languages().isEmpty()) {
            rules.add(new LanguageFilter(settings.languages(), settings.minLanguageShare()));
        }
        return rules;
    }

    /**
     * Cleans a domain's candidates and, of what is left, chooses those at the edge of what a model can do. In the folder
     * lie then {@code <domain>.jsonl} with the pairs kept and {@code <domain>-dropped.jsonl} with the others, each with
     * its reason. Beside them grows {@code <domain>.attempts.jsonl}: started again after any stop, nothing that is in it
     * is generated or graded again. With a screen, what it predicts is in {@code <domain>.predictions.jsonl}, and how it
     * spent the attempts in {@code <domain>-screen.json}.
     *
     * @param model as it then is; null where {@link #asksOnlyServed} says that it is not needed
     * @param modelHash says which it is
     * @param between called between steps of generation; it may throw to stop
     */
    public Curated curate(
            DomainKeys domain, @Nullable AskedModel model, String modelHash, Output output, Runnable between) {
        Selection clean = clean(domain);
        ScreenKeys screen = recipe.curate().screen();
        try (AttemptJournal journal =
                        new AttemptJournal(folder.resolve(domain.name() + ".attempts.jsonl"), attempting(modelHash));
                DomainAttempts attempts =
                        new DomainAttempts(recipe, format, folder, domain.name(), model, journal, output, between)) {
            @Nullable
            Found found = screen == null
                    ? null
                    : new ScreenedSearch(
                                    options(screen),
                                    rule(),
                                    attempts,
                                    folder.resolve(domain.name() + ".predictions.jsonl"),
                                    modelHash + " " + format.identity())
                            .search(clean.kept());
            Selection selection = clean.then(pairs ->
                    found == null ? TeachabilityFilter.select(attempts.measure(pairs, ""), rule()) : found.selection());
            JudgeKeys judge = recipe.curate().judge();
            if (judge != null) {
                selection = new RationaleJudging(judge, folder)
                        .judged(domain.name(), selection, attempts.remembered(), output, between);
            }
            PairWriter.write(
                    others(domain.name()),
                    selection.dropped().stream().map(Dropped::labelled).toList());
            if (found != null) {
                found.report().write(screen(domain.name()));
            }
            PairWriter.write(kept(domain.name()), selection.kept());
            return new Curated(selection, found == null ? null : found.report());
        }
    }

    /** Whether curation asks nothing of a model of hone's own: a served one makes the attempts, and there is no screen. */
    public static boolean asksOnlyServed(CurateKeys settings) {
        return settings.served() != null && settings.screen() == null;
    }

    /** Names the model that makes the attempts. */
    private String attempting(String modelHash) {
        ServedKeys served = recipe.curate().served();
        return served == null ? modelHash : "served " + served.endpoint() + " " + served.model();
    }

    private ScreenOptions options(ScreenKeys screen) {
        return new ScreenOptions(
                screen.sample(),
                screen.pairs(),
                screen.maxAttempts(),
                recipe.curate().attempts(),
                recipe.seed());
    }

    /** Where a domain's chosen pairs are. */
    public Path kept(String domain) {
        return folder.resolve(domain + ".jsonl");
    }

    private Path screen(String domain) {
        return folder.resolve(domain + "-screen.json");
    }

    /** How the screen spent a domain's attempts; null where there was none. */
    @Nullable
    ScreenReport screened(String domain) {
        return recipe.curate().screen() == null ? null : ScreenReport.read(screen(domain));
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
            throw new UserError(
                    others(domain) + ": cannot be read (" + UserError.reason(e) + "); curate the domain again", e);
        }
        return counts;
    }

    private EdgeRule rule() {
        CurateKeys settings = recipe.curate();
        return new EdgeRule(
                new Band(settings.minPassRate(), settings.maxPassRate()),
                settings.weighting().equals("edge"));
    }
}
