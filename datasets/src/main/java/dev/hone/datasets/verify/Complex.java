package dev.hone.datasets.verify;

/** A complex number; principal values everywhere. */
record Complex(double re, double im) {
    static final Complex NOT_A_NUMBER = new Complex(Double.NaN, Double.NaN);
    private static final Complex ONE = new Complex(1, 0);
    private static final Complex I = new Complex(0, 1);

    static Complex of(double re) {
        return new Complex(re, 0);
    }

    Complex plus(Complex other) {
        return new Complex(re + other.re, im + other.im);
    }

    Complex minus(Complex other) {
        return new Complex(re - other.re, im - other.im);
    }

    Complex times(Complex other) {
        return new Complex(re * other.re - im * other.im, re * other.im + im * other.re);
    }

    Complex over(Complex other) {
        double norm = other.re * other.re + other.im * other.im;
        return new Complex((re * other.re + im * other.im) / norm, (im * other.re - re * other.im) / norm);
    }

    double abs() {
        return Math.hypot(re, im);
    }

    Complex exp() {
        double scale = Math.exp(re);
        return im == 0 ? of(scale) : new Complex(scale * Math.cos(im), scale * Math.sin(im));
    }

    Complex log() {
        return new Complex(Math.log(abs()), Math.atan2(im, re));
    }

    Complex power(Complex exponent) {
        if (im == 0 && exponent.im == 0) {
            double real = Math.pow(re, exponent.re);
            if (!Double.isNaN(real)) {
                return of(real);
            }
        }
        if (exponent.im == 0 && exponent.re == Math.rint(exponent.re) && Math.abs(exponent.re) <= 64) {
            return whole((int) exponent.re);
        }
        return log().times(exponent).exp();
    }

    private Complex whole(int exponent) {
        Complex product = ONE;
        for (int i = 0; i < Math.abs(exponent); i++) {
            product = product.times(this);
        }
        return exponent < 0 ? ONE.over(product) : product;
    }

    Complex sqrt() {
        if (im == 0) {
            return re >= 0 ? of(Math.sqrt(re)) : new Complex(0, Math.sqrt(-re));
        }
        return log().times(of(0.5)).exp();
    }

    Complex sin() {
        return new Complex(Math.sin(re) * Math.cosh(im), Math.cos(re) * Math.sinh(im));
    }

    Complex cos() {
        return new Complex(Math.cos(re) * Math.cosh(im), -Math.sin(re) * Math.sinh(im));
    }

    Complex asin() {
        Complex root = ONE.minus(times(this)).sqrt();
        Complex log = I.times(this).plus(root).log();
        return new Complex(log.im, -log.re);
    }

    Complex atan() {
        Complex log = ONE.plus(I.times(this)).over(ONE.minus(I.times(this))).log();
        return new Complex(log.im / 2, -log.re / 2);
    }

    boolean isFinite() {
        return Double.isFinite(re) && Double.isFinite(im);
    }
}
