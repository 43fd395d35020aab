package dev.hone.trainer.model;

import java.util.List;

/** How the frequencies of rotary positions are bent so that a model reaches beyond the lengths it was first trained on. */
public sealed interface RopeScaling {

    /**
     * The angle per position of each rotated pair.
     *
     * @param theta the base
     * @param rotaryDim elements of a head that are rotated
     * @param length the longest sequence to come, in tokens
     * @return {@code [rotaryDim / 2]}
     */
    double[] frequencies(double theta, int rotaryDim, int length);

    /** What cosines and sines are multiplied by, which sharpens attention over long contexts. */
    default double amplitude() {
        return 1;
    }

    /** As Su et al. 2021, section 3.2.2: {@code theta^(-2 i / rotaryDim)}. */
    record None() implements RopeScaling {
        @Override
        public double[] frequencies(double theta, int rotaryDim, int length) {
            double[] frequencies = new double[rotaryDim / 2];
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = Math.pow(theta, -2.0 * i / rotaryDim);
            }
            return frequencies;
        }
    }

    /** Position interpolation (Chen et al. 2023): every frequency divided by {@code factor}. */
    record Linear(double factor) implements RopeScaling {
        @Override
        public double[] frequencies(double theta, int rotaryDim, int length) {
            double[] frequencies = plain(theta, rotaryDim);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= factor;
            }
            return frequencies;
        }
    }

    /**
     * Dynamic NTK (Peng et al. 2023, section 3.3): the base grows once sequences are longer than {@code original}
     * positions.
     */
    record Dynamic(double factor, int original) implements RopeScaling {
        @Override
        public double[] frequencies(double theta, int rotaryDim, int length) {
            double stretch = factor * Math.max(length, original) / original - (factor - 1);
            return plain(theta * Math.pow(stretch, rotaryDim / (rotaryDim - 2.0)), rotaryDim);
        }
    }

    /**
     * Llama 3.1: wavelengths longer than {@code original / lowFactor} are interpolated, those shorter than {@code original /
     * highFactor} kept, those between blended.
     */
    record Llama3(double factor, double lowFactor, double highFactor, int original) implements RopeScaling {
        @Override
        public double[] frequencies(double theta, int rotaryDim, int length) {
            double[] frequencies = plain(theta, rotaryDim);
            for (int i = 0; i < frequencies.length; i++) {
                double turns = original * frequencies[i] / (2 * Math.PI);
                double kept = Math.min(1, Math.max(0, (turns - lowFactor) / (highFactor - lowFactor)));
                frequencies[i] *= kept + (1 - kept) / factor;
            }
            return frequencies;
        }
    }

    /**
     * YaRN (Peng et al. 2023, section 3.4): between {@code betaSlow} and {@code betaFast} turns within {@code original}
     * positions, a ramp over the pairs from interpolated to kept.
     *
     * @param truncate whether the ramp's ends are whole pairs
     */
    record Yarn(double factor, double amplitude, double betaFast, double betaSlow, int original, boolean truncate)
            implements RopeScaling {
        @Override
        public double[] frequencies(double theta, int rotaryDim, int length) {
            double[] frequencies = plain(theta, rotaryDim);
            double from = pairOf(betaFast, theta, rotaryDim);
            double to = pairOf(betaSlow, theta, rotaryDim);
            if (truncate) {
                from = Math.floor(from);
                to = Math.ceil(to);
            }
            from = Math.max(from, 0);
            to = Math.min(to, rotaryDim - 1);
            double width = from == to ? 0.001 : to - from;
            for (int i = 0; i < frequencies.length; i++) {
                double interpolated = Math.min(1, Math.max(0, (i - from) / width));
                frequencies[i] *= interpolated / factor + 1 - interpolated;
            }
            return frequencies;
        }

        /** Which pair makes so many turns within {@code original} positions. */
        private double pairOf(double turns, double theta, int rotaryDim) {
            return rotaryDim * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
        }
    }

    /**
     * LongRoPE (Ding et al. 2024): a divisor for each pair, found by search; one set for sequences of up to {@code original}
     * positions, one for longer ones.
     *
     * @param shortFactor {@code [rotaryDim / 2]}, like {@code longFactor}
     */
    record LongRope(List<Double> shortFactor, List<Double> longFactor, double amplitude, int original)
            implements RopeScaling {
        @Override
        public double[] frequencies(double theta, int rotaryDim, int length) {
            double[] frequencies = plain(theta, rotaryDim);
            List<Double> factors = length > original ? longFactor : shortFactor;
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= factors.get(i);
            }
            return frequencies;
        }
    }

    private static double[] plain(double theta, int rotaryDim) {
        return new None().frequencies(theta, rotaryDim, 0);
    }
}
