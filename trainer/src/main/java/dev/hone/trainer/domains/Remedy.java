package dev.hone.trainer.domains;

import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What can be changed when learning a domain makes the model worse in an earlier one. */
enum Remedy {
    /** The earlier domains' pairs are seen twice as often. */
    REPLAY {
        @Override
        Curriculum apply(Curriculum curriculum) {
            List<Pair> twice = new ArrayList<>(curriculum.earlier());
            twice.addAll(curriculum.earlier());
            return new Curriculum(twice, curriculum.own(), curriculum.settings());
        }
    },

    /** Half of the new domain's pairs are left out. */
    REWEIGHT {
        @Override
        Curriculum apply(Curriculum curriculum) {
            return new Curriculum(curriculum.earlier(), Subset.of(curriculum.own(), 0.5), curriculum.settings());
        }
    },

    /** The learning rate is halved. */
    LOWER_LEARNING_RATE {
        @Override
        Curriculum apply(Curriculum curriculum) {
            return new Curriculum(
                    curriculum.earlier(),
                    curriculum.own(),
                    curriculum.settings().withLearningRate(curriculum.settings().learningRate() / 2));
        }
    };

    abstract Curriculum apply(Curriculum curriculum);

    /** By its name in a recipe. */
    static Remedy named(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
