package dev.hone.trainer.dpo;

/**
 * The losses of learning from preferences without a reward model, for one preference; names and formulas are those of
 * TRL's DPOConfig. With {@code c} and {@code r} the log-ratios of policy to reference of the chosen and the rejected
 * response, summed over their tokens, and {@code d = beta * (c - r)}.
 */
public enum DpoLoss {
    /** {@code -log sigmoid(d)} (Rafailov et al. 2023, equation 7). */
    SIGMOID {
        @Override
        Value of(double chosen, int chosenTokens, double rejected, int rejectedTokens, double beta, double smoothing) {
            double difference = beta * (chosen - rejected);
            return Value.opposed(softplus(-difference), -beta * sigmoid(-difference));
        }
    },
    /**
     * {@code -((1 - s) log sigmoid(d) - s log sigmoid(-d)) / (1 - 2 s)}: unbiased where a share {@code s} of the labels is
     * wrong (Chowdhury et al. 2024, "Provably Robust DPO", equation 12).
     */
    ROBUST {
        @Override
        Value of(double chosen, int chosenTokens, double rejected, int rejectedTokens, double beta, double smoothing) {
            double difference = beta * (chosen - rejected);
            double loss =
                    ((1 - smoothing) * softplus(-difference) - smoothing * softplus(difference)) / (1 - 2 * smoothing);
            double slope =
                    (-(1 - smoothing) * sigmoid(-difference) - smoothing * sigmoid(difference)) / (1 - 2 * smoothing);
            return Value.opposed(loss, beta * slope);
        }
    },
    /** {@code max(0, 1 - d)} (Zhao et al. 2023, "SLiC-HF"). */
    HINGE {
        @Override
        Value of(double chosen, int chosenTokens, double rejected, int rejectedTokens, double beta, double smoothing) {
            double margin = 1 - beta * (chosen - rejected);
            return Value.opposed(Math.max(0, margin), margin > 0 ? -beta : 0);
        }
    },
    /** {@code (c / |chosen| - r / |rejected| - 1 / (2 beta))^2} (Azar et al. 2023, equation 17, by the token as TRL). */
    IPO {
        @Override
        Value of(double chosen, int chosenTokens, double rejected, int rejectedTokens, double beta, double smoothing) {
            double distance = chosen / chosenTokens - rejected / rejectedTokens - 1 / (2 * beta);
            return new Value(distance * distance, 2 * distance / chosenTokens, -2 * distance / rejectedTokens);
        }
    };

    /**
     * @param byChosen the derivative by the chosen response's log-probability
     * @param byRejected that by the rejected one's
     */
    record Value(double loss, double byChosen, double byRejected) {
        static Value opposed(double loss, double byChosen) {
            return new Value(loss, byChosen, -byChosen);
        }
    }

    /**
     * @param chosen log-ratio of the chosen response
     * @param rejected log-ratio of the rejected response
     * @param smoothing share of preferences that are the wrong way round
     */
    abstract Value of(
            double chosen, int chosenTokens, double rejected, int rejectedTokens, double beta, double smoothing);

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** {@code log(1 + exp(x))}, without overflow. */
    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }
}
