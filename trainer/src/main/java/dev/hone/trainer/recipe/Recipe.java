package dev.hone.trainer.recipe;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a run does. With {@code data} it is plain supervised fine-tuning on those pairs; with {@code domains} it is the
 * whole method. Training keys are those of TRL's arguments, model keys those of Hugging Face's config.json.
 */
public record Recipe(
        @Key("The model to start from.") ModelKeys model,

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
        List<SourceKeys> data,

        @Key("Domains the method takes one after another, in this order. Give this or `data`.")
        List<DomainKeys> domains,

        @Key("How teachable pairs are chosen: those just beyond what the model can do.")
        CurateKeys curate,

        @Key("Supervised fine-tuning, on `data` or while a domain is explored.")
        SftKeys sft,

        @Key("When a domain is finished, and what interference does.")
        SchedulerKeys scheduler,

        @Key(
                value =
                        "Supervised fine-tuning from the base on all frozen datasets; keys left out are those of `sft`.",
                inherits = "sft")
        SftKeys scale,

        @Key("Fine-tune on the model's own correct answers to `data` instead of the responses there; left out: no.")
        @Nullable
        RejectionSamplingKeys rejectionSampling,

        @Key("Learning from preferences, after the fine-tuning on `data`; left out: none.") @Nullable
        DpoKeys dpo,

        @Key(
                "Reinforcement learning with verifiable rewards, after the scale run or the fine-tuning on `data`; left out: none.")
        @Nullable
        RlKeys rl,

        @Key("How often a run is saved, and what is kept.") CheckpointKeys checkpoint,
        @Key("How models are judged.") EvaluationKeys evaluation,
        @Key("Which other programs hear of a run.") LoggingKeys logging,

        @Key("How programs are run and proofs are checked, where verifiers do so.")
        VerificationKeys verification) {

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
        return with(model.in(folder), device, seed);
    }

    /** The same recipe, whose chat template writes {@code today} where the recipe names no day. */
    public Recipe dated(LocalDate today) {
        return model.chatTemplateDate() != null ? this : with(model.dated(today), device, seed);
    }

    /** The same recipe, with each of its sources changed. */
    public Recipe withSources(UnaryOperator<SourceKeys> change) {
        return with(
                model,
                device,
                seed,
                SourceKeys.changed(data, change),
                domains.stream().map(domain -> domain.withSources(change)).toList(),
                evaluation.withSources(change));
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
                SourceKeys.settingAside(data, folder, "data"),
                domains.stream().map(domain -> domain.settingAside(folder)).toList(),
                evaluation.settingAside(folder));
    }

    private Recipe with(ModelKeys otherModel, String otherDevice, long otherSeed) {
        return with(otherModel, otherDevice, otherSeed, data, domains, evaluation);
    }

    private Recipe with(
            ModelKeys otherModel,
            String otherDevice,
            long otherSeed,
            List<SourceKeys> otherData,
            List<DomainKeys> otherDomains,
            EvaluationKeys otherEvaluation) {
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
}
