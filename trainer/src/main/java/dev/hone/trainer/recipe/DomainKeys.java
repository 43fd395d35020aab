package dev.hone.trainer.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One domain: what could be learnt, and how learning is judged. */
public record DomainKeys(
        @Key("The domain's name.") String name,
        @Key("Pairs to choose teachable ones from.") List<SourceKeys> candidates,

        @Key("Held-out problems that say when the domain is saturated.")
        List<SourceKeys> validation,

        @Key("Held-out problems the results are reported on.")
        List<SourceKeys> benchmark,

        @Key("Ways to make the domain's dataset of its teachable pairs. Each is tried from the base model for"
                + " `scheduler.trial_steps`; the first is taken unless another validates better beyond chance.")
        List<MixtureKeys> mixtures) {

    DomainKeys withSources(UnaryOperator<SourceKeys> change) {
        return new DomainKeys(
                name,
                SourceKeys.changed(candidates, change),
                SourceKeys.changed(validation, change),
                SourceKeys.changed(benchmark, change),
                mixtures);
    }

    DomainKeys settingAside(@Nullable Path folder) {
        return new DomainKeys(
                name,
                SourceKeys.settingAside(candidates, folder, name + "-candidates"),
                SourceKeys.settingAside(validation, folder, name + "-validation"),
                SourceKeys.settingAside(benchmark, folder, name + "-benchmark"),
                mixtures);
    }
}
