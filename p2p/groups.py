"""What trio's nurseries wrap, unwrapped: callers of `running` see their own exceptions."""


def lone(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one exception inside a group of groups, or the group itself if it holds several."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return group if isinstance(error, BaseExceptionGroup) else error
