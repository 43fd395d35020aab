package dev.hone.trainer.domains;

/**
 * How far the domain in turn is.
 *
 * @param tried mixtures tried
 * @param mixture the mixture taken, by its place in the recipe
 * @param remedies how many of the recipe's remedies are applied
 */
record DomainProgress(int tried, int mixture, int remedies, Exploration exploration) {

    static final DomainProgress START = new DomainProgress(0, 0, 0, Exploration.START);

    DomainProgress triedOneMore() {
        return new DomainProgress(tried + 1, mixture, remedies, exploration);
    }

    DomainProgress taking(int chosen) {
        return new DomainProgress(tried, chosen, remedies, exploration);
    }

    /** To be explored anew. */
    DomainProgress withOneMoreRemedy() {
        return new DomainProgress(tried, mixture, remedies + 1, Exploration.START);
    }

    DomainProgress with(Exploration next) {
        return new DomainProgress(tried, mixture, remedies, next);
    }
}
