package plaudit.gateway.http;

/** Carries a {@link Problem} out of the handling of a request; not a fault of the gateway. */
final class ProblemException extends RuntimeException {

  private final transient Problem problem;

  ProblemException(Problem problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }
}
