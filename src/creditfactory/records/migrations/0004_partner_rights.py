"""What a partner's key may do beyond its role, and how often it may ask."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0003_rulebooks")]

    operations = [
        migrations.AddField(
            model_name="partnerkey",
            name="rights",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
        migrations.AddField(
            model_name="partnerkey",
            name="per_minute_max",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
