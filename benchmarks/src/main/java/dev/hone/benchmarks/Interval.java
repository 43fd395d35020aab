package dev.hone.benchmarks;

/** A confidence interval, at 95% unless said otherwise. */
public record Interval(double low, double high) {

    public Interval {
        if (!(low <= high)) {
            throw new IllegalArgumentException("An interval from " + low + " to " + high + " is empty");
        }
    }

    public boolean contains(double value) {
        return low <= value && value <= high;
    }
}
