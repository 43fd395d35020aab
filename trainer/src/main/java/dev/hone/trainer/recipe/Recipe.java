package dev.hone.trainer.recipe;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.hone.datasets.reference.ServedSafetyJudge;
import dev.hone.datasets.sandbox.Limits;
import dev.hone.datasets.verify.VerifierOptions;
import dev.hone.datasets.verify.Verifiers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a run does. With {@code data} it is plain supervised fine-tuning on those pairs; with {@code domains} it is the
 * whole method. Training keys are those of TRL's arguments, model keys those of Hugging Face's config.json.
 */
public record Recipe(
        @Key("The model to start from.") Model model,

        @Key(
                value = "Where to compute; `auto` takes the fastest that works, `hone doctor` says which and why.",
                fallback = "auto",
                choices = {"auto", "cpu", "nd4j", "cuda"})
        String device,

        @Key(value = "Fixes every random choice of the run.", fallback = "1", min = 0)
        long seed,

        @Key("The run's directory, relative to where hone is started; left out: `runs/` and the recipe's name.")
        @Nullable
        String outputDir,

        @Key("Pairs to fine-tune on. Give this or `domains`.")
        List<Source> data,

        @Key("Domains the method takes one after another, in this order. Give this or `data`.")
        List<Domain> domains,

        @Key("How teachable pairs are chosen: those just beyond what the model can do.")
        Curate curate,

        @Key("Supervised fine-tuning, on `data` or while a domain is explored.")
        Sft sft,

        @Key("When a domain is finished, and what interference does.")
        Scheduler scheduler,

        @Key(
                value =
                        "Supervised fine-tuning from the base on all frozen datasets; keys left out are those of `sft`.",
                inherits = "sft")
        Sft scale,

        @Key("Fine-tune on the model's own correct answers to `data` instead of the responses there; left out: no.")
        @Nullable
        RejectionSampling rejectionSampling,

        @Key("Learning from preferences, after the fine-tuning on `data`; left out: none.") @Nullable
        Dpo dpo,

        @Key(
                "Reinforcement learning with verifiable rewards, after the scale run or the fine-tuning on `data`; left out: none.")
        @Nullable
        Rl rl,

        @Key("How often a run is saved, and what is kept.") Checkpoints checkpoint,
        @Key("How models are judged.") Evaluation evaluation,
        @Key("Which other programs hear of a run.") Logging logging,

        @Key("How programs are run and proofs are checked, where verifiers do so.")
        Verification verification) {

    /** Whether the recipe runs the whole method, domain by domain. */
    @JsonIgnore
    public boolean isMethod() {
        return !domains.isEmpty();
    }

    /** The same recipe on another device. */
    public Recipe withDevice(String other) {
        return with(model, other, seed);
    }

    /** The same recipe from another model. */
    public Recipe withModel(Path folder) {
        return with(
                new Model(
                        folder,
                        null,
                        null,
                        model.dtype(),
                        model.loadIn4bit(),
                        model.lora(),
                        model.chatTemplatePath(),
                        model.applyChatTemplate(),
                        model.chatTemplateDate()),
                device,
                seed);
    }

    /** The same recipe, whose chat template writes {@code today} where the recipe names no day. */
    public Recipe dated(LocalDate today) {
        return model.chatTemplateDate() != null
                ? this
                : with(
                        new Model(
                                model.path(),
                                model.config(),
                                model.tokenizer(),
                                model.dtype(),
                                model.loadIn4bit(),
                                model.lora(),
                                model.chatTemplatePath(),
                                model.applyChatTemplate(),
                                today.toString()),
                        device,
                        seed);
    }

    /** The same recipe, with each of its sources changed. */
    public Recipe withSources(UnaryOperator<Source> change) {
        List<Domain> changed = domains.stream()
                .map(domain -> new Domain(
                        domain.name(),
                        changed(domain.candidates(), change),
                        changed(domain.validation(), change),
                        changed(domain.benchmark(), change),
                        domain.mixtures()))
                .toList();
        Evaluation judged = new Evaluation(
                changed(evaluation.data(), change),
                changed(evaluation.benchmark(), change),
                evaluation.attempts(),
                evaluation.temperature(),
                evaluation.topK(),
                evaluation.topP(),
                evaluation.maxTokens(),
                evaluation.seed());
        return with(model, device, seed, changed(data, change), changed, judged);
    }

    private static List<Source> changed(List<Source> sources, UnaryOperator<Source> change) {
        return sources.stream().map(change).toList();
    }

    /** The same recipe with another seed. */
    public Recipe withSeed(long other) {
        return with(model, device, other);
    }

    /**
     * The same recipe with malformed rows set aside in a folder, those of each source in a file of their own, where it does
     * not say where; null: the first stops.
     */
    public Recipe settingAside(@Nullable Path folder) {
        return with(
                model,
                device,
                seed,
                Source.settingAside(data, folder, "data"),
                domains.stream().map(domain -> domain.settingAside(folder)).toList(),
                evaluation.settingAside(folder));
    }

    private Recipe with(Model otherModel, String otherDevice, long otherSeed) {
        return with(otherModel, otherDevice, otherSeed, data, domains, evaluation);
    }

    private Recipe with(
            Model otherModel,
            String otherDevice,
            long otherSeed,
            List<Source> otherData,
            List<Domain> otherDomains,
            Evaluation otherEvaluation) {
        return new Recipe(
                otherModel,
                otherDevice,
                otherSeed,
                outputDir,
                otherData,
                otherDomains,
                curate,
                sft,
                scheduler,
                scale,
                rejectionSampling,
                dpo,
                rl,
                checkpoint,
                otherEvaluation,
                logging,
                verification);
    }

    /** The model to start from: a folder, or a configuration and a tokenizer to start from scratch. */
    public record Model(
            @Key(
                    value =
                            "A Hugging Face folder: config.json, model.safetensors, tokenizer.json; or a model of the Hub,"
                                    + " `org/name` or `org/name@revision`. Give this or `config`.",
                    hub = true)
            @Nullable
            Path path,

            @Key("Start from random weights of this shape.") @Nullable
            Architecture config,

            @Key("The tokenizer.json for `config`, or a folder that holds one.") @Nullable
            Path tokenizer,

            @Key(
                    value = "What passes compute in: weights and activations. With `bfloat16` what is trained is still"
                            + " float32, as are gradients, moments, statistics and losses. `auto`: `bfloat16` on"
                            + " `cuda`, else `float32`; `nd4j` takes that alone.",
                    fallback = "auto",
                    choices = {"auto", "float32", "bfloat16"})
            String dtype,

            @Key(
                    value =
                            "Keep the weights of the linear modules in 4 bits (NF4 with double quantisation, as bitsandbytes), which `lora` then trains adapters over.",
                    fallback = "false")
            boolean loadIn4bit,

            @Key("Train low-rank adapters of the model at `path` instead of its weights; left out: the weights.")
            @Nullable
            Lora lora,

            @Key(
                    "A chat template, as a Jinja file or the folder of a model that has one; left out: that of the model at"
                            + " `path`, where it has one.")
            @Nullable
            Path chatTemplatePath,

            @Key(
                    value =
                            "Which pairs the chat template writes: `auto` all, a prompt that is no conversation as a user's"
                                    + " message; `messages` conversations only; `never` none.",
                    fallback = "auto",
                    choices = {"auto", "messages", "never"})
            String applyChatTemplate,

            @Key("The day that templates which write today's date into prompts write, such as `2026-03-07`; left out:"
                    + " the day the run begins.")
            @Nullable
            String chatTemplateDate) {}

    /** Low-rank adapters; names are PEFT's. */
    public record Lora(
            @Key(value = "Rank of the adapters.", fallback = "16", min = 1)
            int r,

            @Key(value = "The adapters' output is scaled by this over the rank.", fallback = "32.0", min = 0)
            double loraAlpha,

            @Key(value = "Scale by the rank's square root instead.", fallback = "false")
            boolean useRslora,

            @Key(value = "Learn the length of each row of a weight beside its direction (DoRA).", fallback = "false")
            boolean useDora,

            @Key(
                    "Modules with an adapter, by the last part of their names, as `q_proj`; left out, or `all-linear`: every"
                            + " linear one but the classifier.")
            List<String> targetModules) {}

    /** The shape of a model from scratch; the vocabulary is the tokenizer's. */
    public record Architecture(
            @Key(value = "Width of the residual stream.", min = 2)
            int hiddenSize,

            @Key(value = "Width of the feed-forward layers.", min = 1)
            int intermediateSize,

            @Key(value = "Layers.", min = 1) int numHiddenLayers,
            @Key(value = "Query heads.", min = 1) int numAttentionHeads,

            @Key(value = "Key-value heads; left out: as many as query heads.", min = 1) @Nullable
            Integer numKeyValueHeads,

            @Key(value = "Longest sequence the positions reach.", fallback = "2048", min = 1)
            int maxPositionEmbeddings,

            @Key(value = "Base of the rotary positions.", fallback = "10000.0", min = 1)
            double ropeTheta,

            @Key(value = "Added to the mean square in each norm.", fallback = "1.0e-5", min = 0)
            double rmsNormEps,

            @Key(value = "Whether queries, keys and values have a bias, as in Qwen2.", fallback = "false")
            boolean attentionBias,

            @Key(value = "Whether the classifier is the embedding.", fallback = "true")
            boolean tieWordEmbeddings) {}

    /**
     * Pairs from files, local or of the Hub, made by a generator, or of a benchmark. Exactly one of {@code file},
     * {@code dataset}, {@code generator} and {@code benchmark} is given, or the last with {@code file}.
     */
    public record Source(
            @Key(
                    "A file, or a pattern of files such as `data/*.jsonl.gz`, relative to the recipe: JSONL, JSON, CSV, TSV,"
                            + " each also as .gz or .zst, or Parquet. Give this, `dataset`, `generator` or `benchmark`; with"
                            + " `benchmark`, the folder that holds its files.")
            @Nullable
            Path file,

            @Key("A dataset of the Hub, `org/name` or `org/name@revision`, with `include`.") @Nullable
            String dataset,

            @Key("The dataset's files to take, such as `main/train-*.parquet`.") @Nullable
            String include,

            @Key("What the file's rows are; left out: pairs as [docs/pairs.md](pairs.md) describes them.") @Nullable
            Fields fields,

            @Key(
                    "A JSONL file that malformed rows are set aside in, each with its file, line and reason, and the rest"
                            + " is taken; left out: a file of the run's `malformed` folder. With `--strict` the first malformed row stops.")
            @Nullable
            Path quarantine,

            @Key("A task generator, which makes problems with worked solutions. Problems are split by a hash of their"
                    + " text, so training, validation and benchmark never share one.")
            @Nullable
            String generator,

            @Key("The generator's levels of difficulty to draw from, in turn; left out: all.")
            List<Integer> levels,

            @Key(value = "Pairs to take; needed for a generator, all of a file when left out.", min = 1) @Nullable
            Integer count,

            @Key(
                    value =
                            "Where problems are held out (`validation`, `benchmark`): a benchmark that `hone benchmarks` lists,"
                                    + " such as `gsm8k`, or the description of one of your own, such as `my-task.yaml`; its files are"
                                    + " those in `file`, or left out, those of the Hub.",
                    described = true)
            @Nullable
            Path benchmark,

            @Key(value = "The generator's first seed.", fallback = "0", min = 0)
            long seed,

            @Key(
                    value =
                            "Share of a generator's pairs whose response gives only the answer and no working, as much text"
                                    + " in the wild does.",
                    fallback = "0.0",
                    min = 0,
                    max = 1)
            double directShare,

            @Key(
                    value =
                            "Share of a generator's pairs that give their working whose response works the problem out a"
                                    + " second time before it answers, as careful text does.",
                    fallback = "0.0",
                    min = 0,
                    max = 1)
            double checkedShare) {

        /** Each file's malformed rows in a file of their own, named by the part of the recipe. */
        static List<Source> settingAside(List<Source> sources, @Nullable Path folder, String part) {
            return IntStream.range(0, sources.size())
                    .mapToObj(i -> sources.get(i)
                            .settingAside(folder == null ? null : folder.resolve(part + "-" + (i + 1) + ".jsonl")))
                    .toList();
        }

        private Source settingAside(@Nullable Path aside) {
            return file == null || benchmark != null || (aside != null && quarantine != null)
                    ? this
                    : with(file, dataset, include, aside);
        }

        /** The same source, whose rows are in a local file. */
        public Source inFile(Path other) {
            return with(other, null, null, quarantine);
        }

        private Source with(
                Path otherFile, @Nullable String otherDataset, @Nullable String otherInclude, @Nullable Path aside) {
            return new Source(
                    otherFile,
                    otherDataset,
                    otherInclude,
                    fields,
                    aside,
                    generator,
                    levels,
                    count,
                    benchmark,
                    seed,
                    directShare,
                    checkedShare);
        }
    }

    /** How the rows of a file become pairs. */
    public record Fields(
            @Key(
                    value =
                            "The form of the rows, as [docs/pairs.md](pairs.md) describes them; `fields` takes the fields"
                                    + " named here.",
                    fallback = "fields",
                    choices = {"fields", "messages", "sharegpt", "alpaca", "prompt_completion", "gsm8k", "math"})
            String form,

            @Key(
                    value = "With the form `fields`: the field with the prompt. A name with dots reaches into objects.",
                    fallback = "prompt")
            String prompt,

            @Key(value = "With the form `fields`: the field with the reference answer.", fallback = "answer")
            String answer,

            @Key("The answer is what follows the last of these in its field, as `####` in GSM8K.") @Nullable
            String answerAfter,

            @Key("With the form `fields`: the field with the worked response to train on; left out: none.") @Nullable
            String response,

            @Key(value = "The text the model sees; `{prompt}` stands for the prompt.", fallback = "\"{prompt}\\n\"")
            String template,

            @Key(value = "The verifier that grades answers.", fallback = "math")
            String verifier,

            @Key(value = "The domain the pairs belong to.", fallback = "math")
            String domain) {}

    /** One domain: what could be learnt, and how learning is judged. */
    public record Domain(
            @Key("The domain's name.") String name,
            @Key("Pairs to choose teachable ones from.") List<Source> candidates,

            @Key("Held-out problems that say when the domain is saturated.")
            List<Source> validation,

            @Key("Held-out problems the results are reported on.")
            List<Source> benchmark,

            @Key("Ways to make the domain's dataset of its teachable pairs. Each is tried from the base model for"
                    + " `scheduler.trial_steps`; the first is taken unless another validates better beyond chance.")
            List<Mixture> mixtures) {

        private Domain settingAside(@Nullable Path folder) {
            return new Domain(
                    name,
                    Source.settingAside(candidates, folder, name + "-candidates"),
                    Source.settingAside(validation, folder, name + "-validation"),
                    Source.settingAside(benchmark, folder, name + "-benchmark"),
                    mixtures);
        }
    }

    /** A way to make a domain's dataset of what curation found: how hard, how much, how much of which source. */
    public record Mixture(
            @Key("What it is called in events and reports.") String name,

            @Key(value = "Pairs solved less often are left out.", fallback = "0.0", min = 0, max = 1)
            double minPassRate,

            @Key(value = "Pairs solved more often are left out.", fallback = "1.0", min = 0, max = 1)
            double maxPassRate,

            @Key(value = "Share of the pairs taken.", fallback = "1.0", min = 0, max = 1)
            double share,

            @Key(
                    value =
                            "A weight for each source in `candidates`, in their order: the heaviest is taken whole, the others"
                                    + " in proportion; left out: all whole.",
                    min = 0)
            List<Double> sourceWeights) {}

    /** How teachable pairs are chosen. */
    public record Curate(
            @Key(value = "Answers drawn for each candidate.", fallback = "4", min = 1)
            int attempts,

            @Key(value = "Sampling temperature.", fallback = "1.0", min = 0)
            double temperature,

            @Key(value = "Nucleus sampling: the share of probability kept.", fallback = "1.0", min = 0, max = 1)
            double topP,

            @Key(value = "Longest answer, in tokens.", fallback = "256", min = 1)
            int maxTokens,

            @Key(value = "Pairs solved less often are dropped as hopeless.", fallback = "0.0", min = 0, max = 1)
            double minPassRate,

            @Key(value = "Pairs solved more often are dropped as mastered.", fallback = "0.9", min = 0, max = 1)
            double maxPassRate,

            @Key(
                    value =
                            "How much a pair's loss counts in fine-tuning: `none`, all the same; `edge`, by 4p(1 - p), p its"
                                    + " pass rate, so that what is solved every second time counts most, and what is solved"
                                    + " always or never is dropped.",
                    fallback = "none",
                    choices = {"none", "edge"})
            String weighting,

            @Key(
                    "Attempt only candidates that a small network, which learns from a random sample, thinks teachable; left"
                            + " out: attempt all.")
            @Nullable
            Screen screen,

            @Key("Have a served model make the attempts, the base model as another server runs it; left out: hone's own"
                    + " generator makes them.")
            @Nullable
            Served served,

            @Key(value = "Shortest prompt, in characters; left out: any.", min = 1) @Nullable
            Integer minPromptChars,

            @Key(value = "Shortest response, in characters; left out: any.", min = 1) @Nullable
            Integer minResponseChars,

            @Key(value = "Most characters of prompt and response together; left out: any number.", min = 1) @Nullable
            Integer maxChars,

            @Key("Unicode scripts, such as `latin` or `han`: candidates of which more than a tenth of the letters is in"
                    + " others are dropped; left out: any.")
            List<String> scripts,

            @Key("Languages by their ISO 639 codes, such as `en`: candidates whose prompt or response is in another are"
                    + " dropped; texts of few words besides formulas are kept; left out: any.")
            List<String> languages,

            @Key(
                    value =
                            "How likely those languages must be beside the likeliest other: their share of what both have"
                                    + " of the probability.",
                    fallback = "0.4",
                    min = 0,
                    max = 1)
            double minLanguageShare,

            @Key(
                    value =
                            "Drop candidates whose text is damaged or whose response is unfinished, repetitive or a refusal.",
                    fallback = "false")
            boolean qualityRules,

            @Key(
                    value =
                            "Prompts whose shingles overlap more than this are near duplicates; 1 drops exact ones only.",
                    fallback = "1.0",
                    min = 0,
                    max = 1)
            double duplicateThreshold,

            @Key(
                    value =
                            "Drop candidates that share this many words in a row with a benchmark; 0 drops those that are"
                                    + " the same but for case, spacing and the notation of formulas.",
                    fallback = "0",
                    min = 0)
            int contaminationNgram,

            @Key(
                    "Have a served model grade the reasoning of the pairs kept, beside the verifier's check of their answers;"
                            + " left out: none does.")
            @Nullable
            Judge judge) {}

    /** A model behind an OpenAI-compatible API, and how it is asked. */
    public interface ApiModel {
        String endpoint();

        String model();

        default String api() {
            return "chat";
        }

        @Nullable
        String apiKeyEnv();

        int concurrency();

        double requestsPerMinute();

        double pricePrompt();

        double priceCompletion();

        @Nullable
        Double budget();
    }

    /** The model that makes the attempts, where that is not hone's own generator. */
    public record Served(
            @Key("Base URL of an OpenAI-compatible server, such as `http://localhost:8000/v1`.")
            String endpoint,

            @Key("The model's name there.") String model,

            @Key(
                    value =
                            "How it is asked: `chat`, a candidate's messages, which the server writes by the model's chat"
                                    + " template; `completions`, its prompt as a text to go on with, as suits base models.",
                    fallback = "chat",
                    choices = {"chat", "completions"})
            String api,

            @Key("The environment variable that holds the API key; left out: no key is sent.") @Nullable
            String apiKeyEnv,

            @Key(value = "Requests under way at once; the attempts at a candidate are one.", fallback = "16", min = 1)
            int concurrency,

            @Key(value = "Requests begun in a minute, at most; 0 sets no limit.", fallback = "0", min = 0)
            double requestsPerMinute,

            @Key(value = "Price of a million prompt tokens.", fallback = "0", min = 0)
            double pricePrompt,

            @Key(value = "Price of a million completion tokens.", fallback = "0", min = 0)
            double priceCompletion,

            @Key(
                    value =
                            "Most that may be spent, over all domains and restarts, in the currency of the prices; left out:"
                                    + " no limit.",
                    min = 0)
            @Nullable
            Double budget)
            implements ApiModel {}

    /** A served model that grades reasoning. What it finds is recorded; it drops no pair. */
    public record Judge(
            @Key("Base URL of an OpenAI-compatible server, such as `http://localhost:8000/v1`.")
            String endpoint,

            @Key("The model's name there.") String model,

            @Key("The environment variable that holds the API key; left out: no key is sent.") @Nullable
            String apiKeyEnv,

            @Key(value = "Attempts of each pair that it grades, the first ones.", fallback = "1", min = 1)
            int attempts,

            @Key(value = "Longest grading, in tokens.", fallback = "1024", min = 1)
            int maxTokens,

            @Key(value = "Requests under way at once.", fallback = "4", min = 1)
            int concurrency,

            @Key(value = "Requests begun in a minute, at most; 0 sets no limit.", fallback = "0", min = 0)
            double requestsPerMinute,

            @Key(value = "Price of a million prompt tokens.", fallback = "0", min = 0)
            double pricePrompt,

            @Key(value = "Price of a million completion tokens.", fallback = "0", min = 0)
            double priceCompletion,

            @Key(
                    value =
                            "Most that may be spent, over all domains and restarts, in the currency of the prices; left out:"
                                    + " no limit.",
                    min = 0)
            @Nullable
            Double budget)
            implements ApiModel {}

    /** How curation spends its attempts where it does not attempt all candidates. */
    public record Screen(
            @Key(
                    value = "Candidates attempted at random first, which the network learns from.",
                    fallback = "400",
                    min = 100)
            int sample,

            @Key(
                    value = "Teachable pairs wanted of each domain: attempts end once there are so many. Give this,"
                            + " `max_attempts` or both.",
                    min = 1)
            @Nullable
            Integer pairs,

            @Key(value = "Most attempts in each domain, those at the sample included.", min = 1) @Nullable
            Integer maxAttempts) {}

    /** How an optimizer updates weights. */
    public interface Updates {
        double learningRate();

        String lrSchedulerType();

        double warmupRatio();

        int warmupSteps();

        double minLrRatio();

        double weightDecay();

        double maxGradNorm();
    }

    /** Supervised fine-tuning; names are TRL's where it has one. */
    public record Sft(
            @Key(value = "Optimizer steps; -1 takes num_train_epochs.", fallback = "-1", min = -1)
            int maxSteps,

            @Key(value = "Passes over the data where max_steps is -1.", fallback = "3.0", min = 0)
            double numTrainEpochs,

            @Key(value = "Tokens in an optimizer step, prompts included.", fallback = "4096", min = 1)
            int tokensPerStep,

            @Key(value = "Parts an optimizer step is computed in, to save memory.", fallback = "1", min = 1)
            int gradientAccumulationSteps,

            @Key(value = "Longest pair, in tokens.", fallback = "512", min = 2)
            int maxLength,

            @Key(
                    value =
                            "What happens to longer pairs: `raise` refuses the first of them before anything is computed,"
                                    + " `drop` leaves them out and says how many they are. None is cut short: its answer would end in"
                                    + " the middle.",
                    fallback = "raise",
                    choices = {"raise", "drop"})
            String excessLengthStrategy,

            @Key(
                    value = "Learn only what the assistant wrote, in every turn of a conversation; false: all tokens.",
                    fallback = "true")
            boolean assistantOnlyLoss,

            @Key(value = "Learn only the last answer of a conversation, not earlier ones.", fallback = "false")
            boolean completionOnlyLoss,

            @Key(
                    value =
                            "Peak learning rate. The default suits all weights of a model that can already do something;"
                                    + " adapters take about ten times as much (`2.0e-4`), a small model from scratch more"
                                    + " (`1.0e-3`).",
                    fallback = "2.0e-5",
                    min = 0)
            double learningRate,

            @Key(
                    value = "How the learning rate moves after warm-up.",
                    fallback = "cosine",
                    choices = {"cosine", "linear", "constant", "warmup_stable_decay"})
            String lrSchedulerType,

            @Key(
                    value = "Share of the steps in which the learning rate rises from 0.",
                    fallback = "0.05",
                    min = 0,
                    max = 1)
            double warmupRatio,

            @Key(
                    value =
                            "Steps in which the learning rate rises from 0; above 0 it takes the place of `warmup_ratio`.",
                    fallback = "0",
                    min = 0)
            int warmupSteps,

            @Key(
                    value = "What the learning rate falls to, as a share of the peak; `cosine` with it is transformers'"
                            + " `cosine_with_min_lr`, and this its `min_lr_rate`.",
                    fallback = "0.0",
                    min = 0,
                    max = 1)
            double minLrRatio,

            @Key(
                    value =
                            "`adamw` keeps AdamW's moments in float32, 8 bytes a trained weight; `adamw_8bit` in 8 bits, 2 bytes,"
                                    + " those of norms and biases in float32. For `dpo` and `rl` too.",
                    fallback = "adamw",
                    choices = {"adamw", "adamw_8bit"})
            String optim,

            @Key(value = "AdamW's decoupled decay of weight matrices.", fallback = "0.01", min = 0)
            double weightDecay,

            @Key(value = "AdamW's first decay rate.", fallback = "0.9", min = 0, max = 1)
            double adamBeta1,

            @Key(value = "AdamW's second decay rate.", fallback = "0.95", min = 0, max = 1)
            double adamBeta2,

            @Key(value = "AdamW's epsilon.", fallback = "1.0e-8", min = 0)
            double adamEpsilon,

            @Key(value = "Gradients are scaled down to this norm; 0 leaves them.", fallback = "1.0", min = 0)
            double maxGradNorm,

            @Key(value = "Recompute activations in the backward pass instead of keeping them.", fallback = "false")
            boolean gradientCheckpointing,

            @Key(
                    value = "Steps between evaluations of the held-out loss; 0 evaluates at the end.",
                    fallback = "0",
                    min = 0)
            int evalSteps,

            @Key(
                    value =
                            "In a run on `data`: evaluations in a row without a lower held-out loss after which fine-tuning ends,"
                                    + " as transformers' EarlyStoppingCallback has it. Whether it ends so or by its steps, the run"
                                    + " goes on with the weights whose loss was the least. It needs `eval_steps` and"
                                    + " `checkpoint.metric_for_best_model: eval_loss`. 0: all steps, and the last weights.",
                    fallback = "0",
                    min = 0)
            int earlyStoppingPatience)
            implements Updates {

        public Sft withLearningRate(double other) {
            return new Sft(
                    maxSteps,
                    numTrainEpochs,
                    tokensPerStep,
                    gradientAccumulationSteps,
                    maxLength,
                    excessLengthStrategy,
                    assistantOnlyLoss,
                    completionOnlyLoss,
                    other,
                    lrSchedulerType,
                    warmupRatio,
                    warmupSteps,
                    minLrRatio,
                    optim,
                    weightDecay,
                    adamBeta1,
                    adamBeta2,
                    adamEpsilon,
                    maxGradNorm,
                    gradientCheckpointing,
                    evalSteps,
                    earlyStoppingPatience);
        }
    }

    /** When a domain is finished, and what interference does. */
    public record Scheduler(
            @Key(value = "Optimizer steps of a round; each round ends with a validation.", fallback = "50", min = 1)
            int roundSteps,

            @Key(
                    value = "A domain is saturated when so many validations in a row gain nothing beyond the confidence"
                            + " interval.",
                    fallback = "2",
                    min = 1)
            int patience,

            @Key(value = "Most rounds a domain is explored for.", fallback = "6", min = 1)
            int maxRounds,

            @Key(value = "Optimizer steps in which each of a domain's mixtures is tried.", fallback = "50", min = 1)
            int trialSteps,

            @Key(
                    value =
                            "What is tried, in this order and each on top of those before, when a domain makes an earlier one's"
                                    + " validation significantly worse: it is explored anew with the earlier pairs seen twice as"
                                    + " often, half of its own pairs, or half the learning rate.",
                    choices = {"replay", "reweight", "lower_learning_rate"})
            List<String> remedies,

            @Key(
                    value =
                            "What a significant drop in an earlier domain does once no remedy is left; `refuse` goes on without"
                                    + " the domain that caused it.",
                    fallback = "warn",
                    choices = {"warn", "stop", "refuse"})
            String onInterference) {}

    /** Best-of-n: what the model is fine-tuned on are its own correct answers. */
    public record RejectionSampling(
            @Key(value = "Answers drawn for each prompt.", fallback = "8", min = 1)
            int numGenerations,

            @Key(value = "Correct answers kept of each prompt, at most.", fallback = "1", min = 1)
            int keep,

            @Key(
                    value = "Which correct answers are the best.",
                    fallback = "shortest",
                    choices = {"shortest", "likeliest"})
            String select,

            @Key(value = "Longest answer, in tokens.", fallback = "256", min = 1)
            int maxCompletionLength,

            @Key(value = "Sampling temperature.", fallback = "1.0", min = 0.01)
            double temperature,

            @Key(value = "Nucleus sampling: the share of probability kept.", fallback = "1.0", min = 0, max = 1)
            double topP) {}

    /** Direct preference optimization; names are TRL's where it has one. */
    public record Dpo(
            @Key("JSONL files of preferences, `{\"prompt\": ..., \"chosen\": ..., \"rejected\": ...}` on each line.")
            List<Path> data,

            @Key(
                    value = "The loss; docs/rl.md has the formulas.",
                    fallback = "sigmoid",
                    choices = {"sigmoid", "robust", "hinge", "ipo"})
            String lossType,

            @Key(value = "How strongly the policy is held to the model it starts from.", fallback = "0.1", min = 0)
            double beta,

            @Key(
                    value = "robust: the share of preferences taken to be the wrong way round.",
                    fallback = "0.0",
                    min = 0,
                    max = 0.5)
            double labelSmoothing,

            @Key(value = "Optimizer steps; -1 takes num_train_epochs.", fallback = "-1", min = -1)
            int maxSteps,

            @Key(value = "Passes over the preferences where max_steps is -1.", fallback = "1.0", min = 0)
            double numTrainEpochs,

            @Key(value = "Preferences a step.", fallback = "16", min = 1)
            int preferencesPerStep,

            @Key(value = "Peak learning rate.", fallback = "1.0e-6", min = 0)
            double learningRate,

            @Key(
                    value = "How the learning rate moves after warm-up.",
                    fallback = "linear",
                    choices = {"cosine", "linear", "constant", "warmup_stable_decay"})
            String lrSchedulerType,

            @Key(
                    value = "Share of the steps in which the learning rate rises from 0.",
                    fallback = "0.0",
                    min = 0,
                    max = 1)
            double warmupRatio,

            @Key(
                    value =
                            "Steps in which the learning rate rises from 0; above 0 it takes the place of `warmup_ratio`.",
                    fallback = "0",
                    min = 0)
            int warmupSteps,

            @Key(
                    value = "What the learning rate falls to, as a share of the peak; `cosine` with it is transformers'"
                            + " `cosine_with_min_lr`, and this its `min_lr_rate`.",
                    fallback = "0.0",
                    min = 0,
                    max = 1)
            double minLrRatio,

            @Key(value = "AdamW's decoupled decay of weight matrices.", fallback = "0.0", min = 0)
            double weightDecay,

            @Key(value = "Gradients are scaled down to this norm; 0 leaves them.", fallback = "1.0", min = 0)
            double maxGradNorm)
            implements Updates {}

    /** Group relative policy optimization; names are TRL's where it has one. */
    public record Rl(
            @Key(value = "Optimizer steps.", fallback = "50", min = 1)
            int maxSteps,

            @Key(value = "Prompts a step.", fallback = "16", min = 1)
            int promptsPerStep,

            @Key(value = "Completions of each prompt, the group.", fallback = "8", min = 2)
            int numGenerations,

            @Key(value = "Longest completion, in tokens.", fallback = "512", min = 1)
            int maxCompletionLength,

            @Key(value = "Sampling temperature.", fallback = "1.0", min = 0.01)
            double temperature,

            @Key(value = "Peak learning rate.", fallback = "1.0e-6", min = 0)
            double learningRate,

            @Key(
                    value = "How the learning rate moves after warm-up.",
                    fallback = "linear",
                    choices = {"cosine", "linear", "constant", "warmup_stable_decay"})
            String lrSchedulerType,

            @Key(
                    value = "Share of the steps in which the learning rate rises from 0.",
                    fallback = "0.0",
                    min = 0,
                    max = 1)
            double warmupRatio,

            @Key(
                    value =
                            "Steps in which the learning rate rises from 0; above 0 it takes the place of `warmup_ratio`.",
                    fallback = "0",
                    min = 0)
            int warmupSteps,

            @Key(
                    value = "What the learning rate falls to, as a share of the peak; `cosine` with it is transformers'"
                            + " `cosine_with_min_lr`, and this its `min_lr_rate`.",
                    fallback = "0.0",
                    min = 0,
                    max = 1)
            double minLrRatio,

            @Key(value = "AdamW's decoupled decay of weight matrices.", fallback = "0.0", min = 0)
            double weightDecay,

            @Key(value = "Gradients are scaled down to this norm; 0 leaves them.", fallback = "1.0", min = 0)
            double maxGradNorm,

            @Key(value = "Draw from the likeliest tokens only, so many; 0 from all.", fallback = "0", min = 0)
            int topK,

            @Key(value = "Nucleus sampling: the share of probability kept.", fallback = "1.0", min = 0, max = 1)
            double topP,

            @Key(
                    value = "Leave out tokens less likely than this share of the likeliest; 0 leaves out none.",
                    fallback = "0.0",
                    min = 0,
                    max = 1)
            double minP,

            @Key(
                    value = "What the loss is and is divided by; docs/rl.md has the formulas.",
                    fallback = "dapo",
                    choices = {"grpo", "dapo", "dr_grpo", "cispo", "rloo"})
            String lossType,

            @Key(
                    value = "What a probability ratio is of; `sequence` is GSPO.",
                    fallback = "token",
                    choices = {"token", "sequence"})
            String importanceSamplingLevel,

            @Key(
                    value = "What a reward is compared with; `leave_one_out` is RLOO, `batch` REINFORCE++.",
                    fallback = "group",
                    choices = {"group", "leave_one_out", "batch"})
            String advantageBaseline,

            @Key(
                    value = "The standard deviation that advantages are divided by; `true` is group, `false` none.",
                    fallback = "group",
                    choices = {"group", "batch", "none", "true", "false"})
            String scaleRewards,

            @Key(value = "How far the probability ratio may fall below 1.", fallback = "0.2", min = 0)
            double epsilon,

            @Key(
                    value =
                            "How far the probability ratio may rise above 1; with cispo the largest weight. Left out: as epsilon, 5 with cispo.",
                    min = 0)
            @Nullable
            Double epsilonHigh,

            @Key(value = "The largest ratio where the advantage is negative; left out: none.", min = 1) @Nullable
            Double delta,

            @Key(value = "Weight of the KL divergence from the model RL started with.", fallback = "0.0", min = 0)
            double beta,

            @Key(
                    value = "Where the KL divergence goes.",
                    fallback = "loss",
                    choices = {"loss", "reward"})
            String klIn,

            @Key(
                    value = "Multiply the divergence in the loss by the ratio, as its gradient should be.",
                    fallback = "true")
            boolean useBiasCorrectionKl,

            @Key(
                    value = "What a nat of the mean entropy of a step's tokens is worth: a bonus that keeps trying.",
                    fallback = "0.0",
                    min = 0)
            double entropyCoef,

            @Key(value = "Optimizer passes over each step's rollouts.", fallback = "1", min = 1)
            int numIterations,

            @Key(value = "Leave completions that ran into the limit out of the loss.", fallback = "false")
            boolean maskTruncatedCompletions,

            @Key(
                    value =
                            "Above 1: replace groups whose rewards are all equal by those of further prompts, as often as this.",
                    fallback = "1",
                    min = 1)
            int maxSamplingRounds,

            @Key(
                    value =
                            "Largest weight that corrects for rollouts drawn by other kernels than those of training; 0 does not correct.",
                    fallback = "0.0",
                    min = 0)
            double importanceSamplingCap,

            @Key(
                    value =
                            "Draw the next step's completions while this one's are judged, by weights one step old: for rewards that take long. Needs an importance_sampling_cap above 0.",
                    fallback = "false")
            boolean oneStepOffPolicy,

            @Key("What completions earn; left out: 1 for a correct answer.")
            List<Reward> rewards,

            @Key(value = "Seconds that judging one completion may take.", fallback = "30.0", min = 0.001)
            double rewardTimeout,

            @Key(
                    value = "Share of a step's completions whose reward may fail before the run stops.",
                    fallback = "0.1",
                    min = 0,
                    max = 1)
            double maxRewardFailures,

            @Key(
                    value = "Steps between evaluations on the benchmarks; 0 evaluates at the end.",
                    fallback = "0",
                    min = 0)
            int evalSteps,

            @Key(
                    value = "Problems to practise: the frozen pairs or all candidates.",
                    fallback = "candidates",
                    choices = {"frozen", "candidates"})
            String prompts,

            @Key(
                    value = "All domains' problems mixed, or one domain after another, each for `max_steps`.",
                    fallback = "mixed",
                    choices = {"mixed", "in_turn"})
            String domains)
            implements Updates {

        @JsonIgnore
        public boolean isInTurn() {
            return domains.equals("in_turn");
        }
    }

    /** A part of what completions earn. */
    public record Reward(
            @Key(
                    value = "Which; docs/rl.md has the formulas.",
                    choices = {
                        "accuracy",
                        "length_aware_accuracy",
                        "format",
                        "thought",
                        "repetition",
                        "language",
                        "soft_overlong",
                        "java",
                        "http"
                    })
            String name,

            @Key(value = "What its value is multiplied by.", fallback = "1.0")
            double weight,

            @Key("Domains whose pairs it is for; left out: all.")
            List<String> domains,

            @Key(
                    value =
                            "length_aware_accuracy, soft_overlong: tokens at which it is least; left out: max_completion_length.",
                    min = 1)
            @Nullable
            Integer maxLength,

            @Key(
                    value =
                            "length_aware_accuracy: tokens up to which a correct answer earns 1; left out: 0.806 of max_length.",
                    min = 0)
            @Nullable
            Integer controlLength,

            @Key(
                    value =
                            "length_aware_accuracy: tokens from which a wrong answer is punished least; left out: 0.117 of max_length.",
                    min = 1)
            @Nullable
            Integer wrongControlLength,

            @Key(
                    value = "soft_overlong: tokens before max_length from which it falls; left out: 0.2 of max_length.",
                    min = 1)
            @Nullable
            Integer cacheLength,

            @Key(value = "repetition: tokens of what may not be said twice.", fallback = "5", min = 1)
            int ngram,

            @Key(value = "language: the Unicode script that letters should be of.", fallback = "latin")
            String script,

            @Key(
                    "thought, length_aware_accuracy: what a thought starts with, such as `<think>`; left out: `<think>` for thought, no marks for the other.")
            @Nullable
            String thinkStart,

            @Key("What a thought ends with; left out: `</think>`, where think_start is used.") @Nullable
            String thinkEnd,

            @Key("java: the full name of a class that implements RewardFunction.") @Nullable
            String className,

            @Key("http: where to send completions to.") @Nullable
            String url) {}

    /** Which other programs hear of a run; names are those of transformers' TrainingArguments. */
    public record Logging(
            @Key(
                    value = "Who hears of every event, beside events.jsonl; docs/watching.md says how.",
                    choices = {"tensorboard", "prometheus", "mlflow"})
            List<String> reportTo,

            @Key("Where TensorBoard's event files go; left out: `tensorboard` in the run's directory.") @Nullable
            Path loggingDir,

            @Key(value = "prometheus: the port of `/metrics` on this machine.", fallback = "9464", min = 0, max = 65535)
            int prometheusPort,

            @Key(
                    "mlflow: the server's URL, `http://127.0.0.1:5000`; credentials come from MLFLOW_TRACKING_TOKEN, or from"
                            + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.")
            @Nullable
            String mlflowTrackingUri,

            @Key(value = "mlflow: the experiment that runs belong to.", fallback = "hone")
            String mlflowExperimentName) {}

    /** How programs are run and proofs are checked; docs/verifiers.md says more. */
    public record Verification(
            @Key(
                    "Code is run isolated from this machine. Where that cannot be had it is not run at all, unless this says, in"
                            + " these words, `run untrusted code without isolation`; left out: what HONE_SANDBOX says.")
            @Nullable
            String sandbox,

            @Key(
                    value =
                            "Seconds a program may run, where its pair says nothing; left out: 10, and 30 for Java, which is compiled first.",
                    min = 1)
            @Nullable
            Integer timeoutS,

            @Key(
                    value = "MiB of memory for a program and all it starts, where its pair says nothing.",
                    fallback = "1024",
                    min = 16)
            int memoryMb,

            @Key(value = "Processes and threads a program may have at once.", fallback = "64", min = 1)
            int processes,

            @Key(value = "KiB a program may print, and write into any file.", fallback = "1024", min = 1)
            int outputKb,

            @Key(
                    "The command that starts a Lean 4 REPL, `lake env .lake/build/bin/repl`; left out: what HONE_LEAN_REPL says.")
            @Nullable
            String leanRepl,

            @Key("The address of a Kimina Lean server, `http://localhost:8000`; it goes before the REPL. Left out: what"
                    + " HONE_LEAN_SERVER says.")
            @Nullable
            String leanServer,

            @Key(
                    "A served model that says whether a response refuses, and whether it meets its pair's `rubric`; left out:"
                            + " rules alone.")
            @Nullable
            SafetyJudge safetyJudge) {

        /**
         * Has all verifiers of this process go by it.
         *
         * @param folder where a judge's answers and what they cost are kept
         */
        public void use(Path folder) {
            VerifierOptions environment = VerifierOptions.fromEnvironment();
            Limits limits = new Limits(
                    Duration.ofSeconds(timeoutS == null ? Limits.DEFAULT.wall().toSeconds() : timeoutS),
                    Duration.ofSeconds(timeoutS == null ? Limits.DEFAULT.cpu().toSeconds() : timeoutS),
                    (long) memoryMb << 20,
                    processes,
                    (long) outputKb << 10);
            Verifiers.use(new VerifierOptions(
                    sandbox == null ? environment.sandbox() : sandbox,
                    leanRepl == null ? environment.leanRepl() : leanRepl,
                    leanServer == null ? environment.leanServer() : leanServer,
                    safetyJudge == null
                            ? null
                            : new ServedSafetyJudge(
                                    ApiClient.open(
                                            safetyJudge,
                                            "verification.safety_judge",
                                            folder.resolve("safety-judge.cache")),
                                    safetyJudge.maxTokens()),
                    limits,
                    timeoutS != null));
        }
    }

    /** The model that tells refusal from compliance. */
    public record SafetyJudge(
            @Key("Base URL of an OpenAI-compatible server, such as `http://localhost:8000/v1`.")
            String endpoint,

            @Key("The model's name there.") String model,

            @Key("The environment variable that holds the API key; left out: no key is sent.") @Nullable
            String apiKeyEnv,

            @Key(value = "Longest judgement, in tokens.", fallback = "512", min = 1)
            int maxTokens,

            @Key(value = "Requests under way at once.", fallback = "4", min = 1)
            int concurrency,

            @Key(value = "Requests begun in a minute, at most; 0 sets no limit.", fallback = "0", min = 0)
            double requestsPerMinute,

            @Key(value = "Price of a million prompt tokens.", fallback = "0", min = 0)
            double pricePrompt,

            @Key(value = "Price of a million completion tokens.", fallback = "0", min = 0)
            double priceCompletion,

            @Key(
                    value =
                            "Most that may be spent, over all restarts, in the currency of the prices; left out: no limit.",
                    min = 0)
            @Nullable
            Double budget)
            implements ApiModel {}

    /** How often a run is saved, and what ends one that does not go on; docs/checkpoints.md says more. */
    public record Checkpoints(
            @Key(value = "Optimizer steps between checkpoints; every phase ends with one.", fallback = "100", min = 1)
            int saveSteps,

            @Key(value = "Newest checkpoints kept.", fallback = "2", min = 1)
            int saveTotalLimit,

            @Key(
                    value = "Checkpoints whose step is a multiple of this are kept for good; 0 keeps none for that.",
                    fallback = "0",
                    min = 0)
            int keepEvery,

            @Key(
                    value = "Keep the best checkpoint by this as well: `eval_loss` (the least, of `evaluation.data`),"
                            + " `accuracy` (the greatest, over all benchmarks together) or `reward` (the greatest, of `rl`);"
                            + " left out: none.",
                    choices = {"eval_loss", "accuracy", "reward"})
            @Nullable
            String metricForBestModel,

            @Key(
                    "Where checkpoints and what else a run needs are stored too, as `s3://bucket/runs/first`; left out: only on"
                            + " this disk.")
            @Nullable
            String storage,

            @Key(
                    value = "Copy what is saved in memory and write it while training goes on; takes as much of the"
                            + " host's memory as the trained weights and the optimizer's state.",
                    fallback = "true")
            boolean inBackground,

            @Key(
                    value = "Seconds a run that a signal stops may take to save; then it ends at once, unsaved.",
                    fallback = "300.0",
                    min = 0.1)
            double stopTimeout,

            @Key(
                    value =
                            "Seconds without a sign of life after which all threads' stacks are written down; after twice"
                                    + " as many the run ends. 0: never.",
                    fallback = "1800.0",
                    min = 0)
            double hangTimeout) {}

    /** How models are judged. */
    public record Evaluation(
            @Key("Held-out pairs whose loss is measured while fine-tuning.")
            List<Source> data,

            @Key("Held-out problems the model answers after fine-tuning on `data`.")
            List<Source> benchmark,

            @Key(value = "Answers drawn for each problem.", fallback = "1", min = 1)
            int attempts,

            @Key(value = "Sampling temperature; 0 takes the likeliest token.", fallback = "0.0", min = 0)
            double temperature,

            @Key(value = "Draw from the likeliest tokens only, so many; 0 from all.", fallback = "0", min = 0)
            int topK,

            @Key(value = "Nucleus sampling: the share of probability kept.", fallback = "1.0", min = 0, max = 1)
            double topP,

            @Key(value = "Longest answer, in tokens.", fallback = "256", min = 1)
            int maxTokens,

            @Key(value = "Fixes the sampling.", fallback = "0", min = 0)
            long seed) {

        private Evaluation settingAside(@Nullable Path folder) {
            return new Evaluation(
                    Source.settingAside(data, folder, "evaluation-data"),
                    Source.settingAside(benchmark, folder, "evaluation-benchmark"),
                    attempts,
                    temperature,
                    topK,
                    topP,
                    maxTokens,
                    seed);
        }
    }
}
