package dev.hone.trainer.domains;

import dev.hone.datasets.curate.EdgeFinder;
import dev.hone.datasets.curate.Selection;
import dev.hone.datasets.reference.DecisionLog;
import dev.hone.datasets.reference.RationaleDivergence;
import dev.hone.datasets.reference.RationaleGrade;
import dev.hone.datasets.reference.RationaleJudge;
import dev.hone.datasets.reference.ReferenceClient;
import dev.hone.trainer.recipe.ApiClient;
import dev.hone.trainer.recipe.JudgeKeys;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Progress;
import java.nio.file.Path;

/**
 * Has a served model grade the reasoning of a domain's chosen pairs. Its opinions lie in {@code <domain>.judge.jsonl} and
 * its answers in {@code judge.cache}: started again after any stop, nothing is asked or paid twice.
 */
final class RationaleJudging {
    private final JudgeKeys settings;
    private final Path folder;

    RationaleJudging(JudgeKeys settings, Path folder) {
        this.settings = settings;
        this.folder = folder;
    }

    /**
     * The selection, what is kept with the judge's findings in its metadata.
     *
     * @param finder knows the attempts
     * @param between called after each pair; it may throw to stop
     */
    Selection judged(String domain, Selection selection, EdgeFinder finder, Output output, Runnable between) {
        Path opinions = folder.resolve(domain + ".judge.jsonl");
        try (ReferenceClient client = ApiClient.open(settings, "curate.judge", folder.resolve("judge.cache"));
                Progress progress =
                        output.progress("judge " + domain, 0, selection.kept().size());
                DecisionLog<RationaleGrade> log =
                        new DecisionLog<>(opinions, RationaleGrade.class, RationaleGrade::key)) {
            Runnable graded = progress.counter("graded");
            RationaleJudge judge = new RationaleJudge(client, settings.maxTokens());
            RationaleDivergence.Found found = new RationaleDivergence(judge, log)
                    .of(
                            selection.kept(),
                            pair -> finder.attempts(pair).stream()
                                    .limit(settings.attempts())
                                    .toList(),
                            () -> {
                                graded.run();
                                between.run();
                            });
            output.line("%s: %s, by %s; written to %s".formatted(domain, found, settings.model(), opinions));
            output.line("judge: " + client.statistics());
            return new Selection(found.pairs(), selection.dropped());
        }
    }
}
