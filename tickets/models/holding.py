"""Which database this is: how the portal notices that it works on a restored one."""

from django.db import models


class DatabaseIdentity(models.Model):
    """What told this database from others when the portal last looked: one row, compared before anything is fired."""

    identity = models.CharField(max_length=120)
    adopted_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.identity
