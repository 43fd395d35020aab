package dev.hone.trainer.screen;

/**
 * Makes a score a probability: {@code sigmoid(slope * logit(score) + offset)} (Platt 1999), fitted by Newton's method to
 * observed rates under a weak pull towards no change, so that a few observations cannot make it certain.
 */
record Platt(double slope, double offset) {

    static final Platt NONE = new Platt(1, 0);

    /** Observations that the pull towards {@link #NONE} counts as. */
    private static final double PULL = 1;

    private static final double CLIP = 1e-4;

    /**
     * Fits.
     *
     * @param rates observed for the scores, in [0, 1]
     */
    static Platt fit(double[] scores, double[] rates) {
        double slope = 1;
        double offset = 0;
        for (int iteration = 0; iteration < 50; iteration++) {
            double gradientSlope = PULL * (slope - 1);
            double gradientOffset = PULL * offset;
            double curvatureSlope = PULL;
            double curvatureOffset = PULL;
            double curvatureBoth = 0;
            for (int i = 0; i < scores.length; i++) {
                double logit = logit(scores[i]);
                double p = sigmoid(slope * logit + offset);
                double error = p - rates[i];
                double curvature = p * (1 - p);
                gradientSlope += error * logit;
                gradientOffset += error;
                curvatureSlope += curvature * logit * logit;
                curvatureOffset += curvature;
                curvatureBoth += curvature * logit;
            }
            double determinant = curvatureSlope * curvatureOffset - curvatureBoth * curvatureBoth;
            double stepSlope = (curvatureOffset * gradientSlope - curvatureBoth * gradientOffset) / determinant;
            double stepOffset = (curvatureSlope * gradientOffset - curvatureBoth * gradientSlope) / determinant;
            // A full step may overshoot where the curve is flat.
            double shrink = 1 / Math.max(1, Math.max(Math.abs(stepSlope), Math.abs(stepOffset)));
            slope -= shrink * stepSlope;
            offset -= shrink * stepOffset;
        }
        return new Platt(slope, offset);
    }

    double of(double score) {
        return equals(NONE) ? score : sigmoid(slope * logit(score) + offset);
    }

    private static double logit(double score) {
        double clipped = Math.min(1 - CLIP, Math.max(CLIP, score));
        return Math.log(clipped / (1 - clipped));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
