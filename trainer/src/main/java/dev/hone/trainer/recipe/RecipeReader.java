package dev.hone.trainer.recipe;

import dev.hone.datasets.UserError;
import dev.hone.datasets.sandbox.Sandbox;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Reads recipes and refuses those that make no sense as a whole. */
public final class RecipeReader {

    private RecipeReader() {}

    /** Throws {@link UserError} naming file, line and key, what was expected and what to do. */
    public static Recipe read(Path file) {
        return read(file, List.of());
    }

    /**
     * Reads a recipe with some of its keys changed.
     *
     * @param set each {@code key=value}, as {@code sft.learning_rate=1e-4}: the key with dots, the value as in YAML; an
     *     empty value takes the key out
     */
    public static Recipe read(Path file, List<String> set) {
        YamlTree tree = YamlTree.read(file);
        for (String change : set) {
            tree = tree.with(change);
        }
        Recipe recipe = new Binder(tree).bind(Recipe.class);
        new Check(tree).recipe(recipe);
        return recipe;
    }

    /** What ties keys together. */
    private record Check(YamlTree tree) {

        void recipe(Recipe recipe) {
            require(
                    (recipe.model().path() == null) != (recipe.model().config() == null),
                    "/model",
                    "model: expected either path or config; give one of the two");
            require(
                    recipe.model().lora() == null || recipe.model().path() != null,
                    "/model/lora",
                    "model.lora: adapters belong to a model that can already do something; give its folder as model.path");
            require(
                    !recipe.model().loadIn4bit() || recipe.model().lora() != null,
                    "/model/load_in_4bit",
                    "model.load_in_4bit: weights of 4 bits stay as they are; say under model.lora which adapters to train");
            require(
                    recipe.model().config() == null || recipe.model().tokenizer() != null,
                    "/model/config",
                    "model.tokenizer is missing; a model from scratch needs the path of a tokenizer.json");
            require(
                    recipe.data().isEmpty() != recipe.domains().isEmpty(),
                    recipe.data().isEmpty() ? "" : "/domains",
                    "expected either data (plain fine-tuning) or domains (the whole method); give one of the two");
            require(
                    recipe.curate().minPassRate() <= recipe.curate().maxPassRate(),
                    "/curate/min_pass_rate",
                    "curate.min_pass_rate: expected at most max_pass_rate; lower it");
            screen(recipe.curate());
            decay(recipe.sft(), "sft");
            decay(recipe.scale(), "scale");
            nucleus(recipe.curate().topP(), "curate");
            nucleus(recipe.evaluation().topP(), "evaluation");
            if (recipe.rejectionSampling() != null) {
                nucleus(recipe.rejectionSampling().topP(), "rejection_sampling");
            }
            if (recipe.rl() != null) {
                nucleus(recipe.rl().topP(), "rl");
            }
            require(
                    recipe.sft().maxLength() <= recipe.sft().tokensPerStep(),
                    "/sft/max_length",
                    "sft.max_length: expected at most tokens_per_step; raise tokens_per_step");
            require(
                    recipe.dpo() == null || !recipe.dpo().data().isEmpty(),
                    "/dpo",
                    "dpo.data is missing; list the JSONL files of preferences");
            require(
                    recipe.domains().isEmpty() || recipe.dpo() == null,
                    "/dpo",
                    "dpo: expected only beside data, not domains; remove it or give data");
            require(
                    recipe.domains().isEmpty() || recipe.rejectionSampling() == null,
                    "/rejection_sampling",
                    "rejection_sampling: expected only beside data, not domains; remove it or give data");
            logging(recipe.logging());
            String permission = recipe.verification().sandbox();
            require(
                    permission == null || permission.equals(Sandbox.UNISOLATED),
                    "/verification/sandbox",
                    "verification.sandbox: expected \"" + Sandbox.UNISOLATED + "\", word by word, found \"" + permission
                            + "\"; leave it out to run code isolated only");
            bestModel(recipe);
            earlyStopping(recipe, recipe.sft(), "sft");
            earlyStopping(recipe, recipe.scale(), "scale");
            sources(recipe.data(), "/data");
            learnt(recipe.data(), "/data");
            sources(recipe.evaluation().data(), "/evaluation/data");
            sources(recipe.evaluation().benchmark(), "/evaluation/benchmark");
            for (int i = 0; i < recipe.domains().size(); i++) {
                domain(recipe.domains().get(i), "/domains/" + i);
            }
        }

        /** A rate of 1 would never let a gradient in. */
        private void decay(SftKeys sft, String section) {
            require(
                    sft.adamBeta1() < 1,
                    "/" + section + "/adam_beta1",
                    section + ".adam_beta1: expected less than 1; lower it");
            require(
                    sft.adamBeta2() < 1,
                    "/" + section + "/adam_beta2",
                    section + ".adam_beta2: expected less than 1; lower it");
        }

        /** No token has a share of 0. */
        private void nucleus(double topP, String section) {
            require(
                    topP > 0,
                    "/" + section + "/top_p",
                    section + ".top_p: expected more than 0, which would keep no token; 1 keeps all");
        }

        private void screen(CurateKeys curate) {
            ScreenKeys screen = curate.screen();
            if (screen == null) {
                return;
            }
            require(
                    screen.pairs() != null || screen.maxAttempts() != null,
                    "/curate/screen",
                    "curate.screen: expected pairs or max_attempts, which say when to stop; give one");
            long sampled = (long) screen.sample() * curate.attempts();
            require(
                    screen.maxAttempts() == null || screen.maxAttempts() > sampled,
                    "/curate/screen/max_attempts",
                    "curate.screen.max_attempts: expected more than the %d that the sample takes; raise it or lower sample"
                            .formatted(sampled));
        }

        private void logging(LoggingKeys logging) {
            String uri = logging.mlflowTrackingUri();
            require(
                    !logging.reportTo().contains("mlflow") || (uri != null && uri.matches("https?://[^@\\s]+")),
                    uri == null ? "/logging" : "/logging/mlflow_tracking_uri",
                    "logging.mlflow_tracking_uri: expected the server's http:// or https:// URL without credentials, for"
                            + " report_to has mlflow; give it, and credentials by MLFLOW_TRACKING_TOKEN");
        }

        private void domain(DomainKeys domain, String pointer) {
            require(
                    domain.name().matches("[a-zA-Z0-9_-]+"),
                    pointer + "/name",
                    "a domain's name: expected letters, digits, - and _, found \"" + domain.name() + "\"; rename it");
            require(
                    !domain.candidates().isEmpty(),
                    pointer,
                    "the domain " + domain.name() + " has no candidates; list the files or generators it learns from");
            require(
                    !domain.validation().isEmpty(),
                    pointer,
                    "the domain " + domain.name() + " has no validation; list held-out files or generators");
            require(
                    !domain.benchmark().isEmpty(),
                    pointer,
                    "the domain " + domain.name() + " has no benchmark; list held-out files or generators");
            sources(domain.candidates(), pointer + "/candidates");
            learnt(domain.candidates(), pointer + "/candidates");
            sources(domain.validation(), pointer + "/validation");
            sources(domain.benchmark(), pointer + "/benchmark");
            for (int i = 0; i < domain.mixtures().size(); i++) {
                mixture(domain, domain.mixtures().get(i), pointer + "/mixtures/" + i);
            }
        }

        private void mixture(DomainKeys domain, MixtureKeys mixture, String pointer) {
            require(
                    mixture.name().matches("[a-zA-Z0-9_-]+"),
                    pointer + "/name",
                    "a mixture's name: expected letters, digits, - and _, found \"" + mixture.name() + "\"; rename it");
            require(
                    domain.mixtures().stream()
                                    .filter(other -> other.name().equals(mixture.name()))
                                    .count()
                            == 1,
                    pointer + "/name",
                    "two mixtures of the domain " + domain.name() + " are called " + mixture.name() + "; rename one");
            require(
                    mixture.minPassRate() <= mixture.maxPassRate(),
                    pointer + "/min_pass_rate",
                    "min_pass_rate: expected at most max_pass_rate; lower it");
            require(
                    mixture.sourceWeights().isEmpty()
                            || mixture.sourceWeights().size()
                                    == domain.candidates().size(),
                    pointer + "/source_weights",
                    "source_weights: expected one for each of the "
                            + domain.candidates().size() + " candidates, found "
                            + mixture.sourceWeights().size() + "; give as many");
        }

        private void sources(List<SourceKeys> sources, String pointer) {
            for (int i = 0; i < sources.size(); i++) {
                SourceKeys source = sources.get(i);
                String at = pointer + "/" + i;
                long given = Stream.of(
                                source.benchmark() == null ? source.file() : source.benchmark(),
                                source.dataset(),
                                source.generator())
                        .filter(Objects::nonNull)
                        .count();
                require(
                        given == 1,
                        at,
                        "a source: expected one of file, dataset, generator and benchmark; give one of them");
                require(
                        source.benchmark() == null || source.fields() == null,
                        at + "/fields",
                        "fields: the description of a benchmark says what its rows are; remove it");
                require(
                        (source.dataset() == null) == (source.include() == null),
                        at,
                        "a dataset of the Hub and include belong together; say by include which of its files to take, such as main/train-*.parquet");
                require(
                        source.generator() == null || source.count() != null,
                        at,
                        "count is missing; say how many pairs the generator makes");
            }
        }

        private void learnt(List<SourceKeys> sources, String pointer) {
            for (int i = 0; i < sources.size(); i++) {
                require(
                        sources.get(i).benchmark() == null,
                        pointer + "/" + i + "/benchmark",
                        "a benchmark is held out, not learnt from; name it under benchmark or validation");
            }
        }

        /** A metric that the run will never measure would keep nothing. */
        private void bestModel(Recipe recipe) {
            String metric = recipe.checkpoint().metricForBestModel();
            String at = "/checkpoint/metric_for_best_model";
            require(
                    !"eval_loss".equals(metric) || !recipe.evaluation().data().isEmpty(),
                    at,
                    "checkpoint.metric_for_best_model: eval_loss is measured of evaluation.data, which is empty; list"
                            + " held-out pairs there");
            require(
                    !"accuracy".equals(metric)
                            || recipe.isMethod()
                            || !recipe.evaluation().benchmark().isEmpty(),
                    at,
                    "checkpoint.metric_for_best_model: accuracy is measured of evaluation.benchmark, which is empty; list"
                            + " held-out problems there");
            require(
                    !"reward".equals(metric) || recipe.rl() != null,
                    at,
                    "checkpoint.metric_for_best_model: reward is measured by rl, which is left out; add it, or choose"
                            + " eval_loss or accuracy");
        }

        /** It needs losses to go by, and the checkpoint to go back to. */
        private void earlyStopping(Recipe recipe, SftKeys sft, String section) {
            String key = section + ".early_stopping_patience: ";
            String at = "/" + section + "/early_stopping_patience";
            if (sft.earlyStoppingPatience() == 0) {
                return;
            }
            require(
                    !recipe.isMethod(),
                    at,
                    key + "expected only beside data, not domains, which are explored until their validation gains"
                            + " nothing; remove it");
            require(
                    sft.evalSteps() > 0,
                    at,
                    key + "the held-out loss is measured at the end only; say by eval_steps how often");
            require(
                    "eval_loss".equals(recipe.checkpoint().metricForBestModel()),
                    at,
                    key + "the best weights are those of the best checkpoint; add checkpoint.metric_for_best_model:"
                            + " eval_loss");
        }

        private void require(boolean holds, String pointer, String message) {
            if (!holds) {
                throw new UserError(tree.where(pointer) + ": " + message);
            }
        }
    }
}
