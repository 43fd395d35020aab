package dev.hone.trainer.screen;

import java.util.Arrays;

/** Brings features to mean 0 and variance 1, and those far out to {@link #MOST} deviations. */
record Standardizer(float[] mean, float[] scale) {

    private static final float MOST = 5;

    static Standardizer of(float[][] features) {
        float[] mean = new float[features[0].length];
        float[] scale = new float[mean.length];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            double squares = 0;
            for (float[] row : features) {
                sum += row[i];
                squares += (double) row[i] * row[i];
            }
            double average = sum / features.length;
            double variance = squares / features.length - average * average;
            mean[i] = (float) average;
            scale[i] = (float) (1 / Math.sqrt(Math.max(1e-8, variance)));
        }
        return new Standardizer(mean, scale);
    }

    float[][] standard(float[][] rows) {
        return Arrays.stream(rows).map(this::standard).toArray(float[][]::new);
    }

    private float[] standard(float[] row) {
        float[] standard = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            standard[i] = Math.max(-MOST, Math.min(MOST, (row[i] - mean[i]) * scale[i]));
        }
        return standard;
    }
}
